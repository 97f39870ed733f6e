// expect: batchpace: a sentence
#include <batchpace/version.hpp>

// Each line is an error of its own, so that the sentence comes after more than 20 lines.
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0);
static_assert(batchpace::version_major < 0, "batchpace: a sentence");
