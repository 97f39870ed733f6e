// expect: batchpace: batched<N> takes a callable whose parameter is a batchpace::Batch<Item>
// SPDX-License-Identifier: BSL-1.0
#include <batchpace/annotators/batched.hpp>

#include <string>
#include <vector>

int main() {
    auto annotator = batchpace::batched<16>([](std::vector<std::string> const& images) { return images; });
}
