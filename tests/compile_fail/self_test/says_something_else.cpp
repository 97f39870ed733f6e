// expect: batchpace: a sentence
#include <batchpace/version.hpp>

static_assert(batchpace::version_major < 0, "another one");
