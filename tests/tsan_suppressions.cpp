// SPDX-License-Identifier: BSL-1.0
//
// What ThreadSanitizer reports though it is none of ours.
#ifdef __SANITIZE_THREAD__

// std::exception_ptr counts its references with atomics inside libstdc++, which is not instrumented: the last owner's
// delete looks like a race with what another owner read before.
extern "C" char const* __tsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
extern "C" char const* __tsan_default_suppressions() {
    return "race:std::__exception_ptr::exception_ptr::_M_release\n";
}

#endif
