// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace annotate_images {

/// Tesseract's own threads, several for each picture, slow it down eightfold beside ours. The runtime they come from
/// reads OMP_THREAD_LIMIT when the process is loaded, so that setting it means starting over: what `main` does first,
/// with its arguments. Returns where it is set already, and where it cannot be: then it is slow, but works.
void start_over_without_inner_threads(char** arguments);

}  // namespace annotate_images
