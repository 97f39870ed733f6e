// SPDX-License-Identifier: BSL-1.0
//
// What ThreadSanitizer reports though it is none of ours.
#ifdef __SANITIZE_THREAD__

// std::exception_ptr counts its references with atomics inside libstdc++, which is not instrumented: the last owner's
// delete looks like a race with what another owner read before.
//
// Both Asios count the owners of an any_executor by a release and, for the last one, an acquire fence; g++'s
// ThreadSanitizer knows no fences, so the last owner's delete looks like a race with another owner's count.
extern "C" char const* __tsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
extern "C" char const* __tsan_default_suppressions() {
    return "race:std::__exception_ptr::exception_ptr::_M_release\n"
           "race:asio::execution::detail::shared_target_executor\n"
           "race:asio::execution::detail::any_executor_base::destroy_shared\n";
}

#endif
