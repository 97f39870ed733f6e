// expect: batchpace: callback<T> takes a callable with the parameters (item, batchpace::Completion<T>)
// SPDX-License-Identifier: BSL-1.0
#include <batchpace/annotators/callback.hpp>

#include <string>

int main() {
    auto annotator = batchpace::callback<int>([](std::string const& item) { return item.size(); });
}
