// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "annotation_file.hpp"
#include "console.hpp"
#include "result_line.hpp"
#include "result_table.hpp"

#include <mutex>
#include <optional>
#include <system_error>

namespace annotate_images {

/// Where ended pictures go as soon as they have ended: lines of JSON to the file or to standard output, rows of the
/// table to standard output. Any thread may call it.
class ResultSink {
public:
    ResultSink(Console& console, std::optional<AnnotationFile> file, std::optional<ResultTable> table)
        : console_{console}, file_{std::move(file)}, table_{std::move(table)} {
        if (table_) remember(console_.write(table_->header()));
    }

    void add(batchpace::ItemResult<Annotation> const& result) {
        // A picture that a Ctrl-C left untouched has nothing to say, and there may be a million of them.
        if (result.status == batchpace::ItemStatus::cancelled && result.attempts == 0) return;
        if (file_ || !table_) {
            auto const line = to_json_line(result);
            remember(file_ ? file_->append(line) : console_.write(line));
        }
        if (table_) remember(console_.write(table_->row(result)));
    }

    /// The first write that failed (a full disk): from then on there is no point in going on.
    std::error_code failure() const {
        std::lock_guard const lock{mutex_};
        return failure_;
    }

private:
    void remember(std::error_code failure) {
        if (!failure) return;
        std::lock_guard const lock{mutex_};
        if (!failure_) failure_ = failure;
    }

    Console& console_;
    std::optional<AnnotationFile> file_;
    std::optional<ResultTable> table_;
    mutable std::mutex mutex_;
    std::error_code failure_;
};

}  // namespace annotate_images
