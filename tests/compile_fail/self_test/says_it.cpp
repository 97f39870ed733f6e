// expect: batchpace: a sentence; with [punctuation] in it
#include <batchpace/version.hpp>

static_assert(batchpace::version_major < 0, "batchpace: a sentence; with [punctuation] in it");
