// SPDX-License-Identifier: BSL-1.0
// Whole systems, each drawn from one seed (system.hpp). The seeds are shared between the kinds.

#include "seeds.hpp"
#include "system.hpp"

using namespace batchpace_tests;

namespace {

template <bool Limited>
void systems(typename System<Limited>::Kind kind, char const* name, std::uint64_t share) {
    Figures figures{name};
    for_each_seed([&](std::uint64_t seed) { System<Limited>{seed, kind, figures}.run(); }, share);
}

}  // namespace

TEST_CASE("a storm of tenants under a processor limit", "[seeds][systems]") {
    systems<true>(System<true>::Kind::storm, "storm, limited", 4);
}

TEST_CASE("a storm of tenants under no processor limit", "[seeds][systems]") {
    systems<false>(System<false>::Kind::storm, "storm", 4);
}

TEST_CASE("systems that nobody disturbs", "[seeds][systems]") {
    systems<true>(System<true>::Kind::calm, "calm, limited", 8);
    systems<false>(System<false>::Kind::calm, "calm", 8);
}

TEST_CASE("under saturation every permit is used and everybody gets a share", "[seeds][systems]") {
    systems<true>(System<true>::Kind::saturated, "saturated, limited", 8);
    systems<false>(System<false>::Kind::saturated, "saturated", 8);
}
