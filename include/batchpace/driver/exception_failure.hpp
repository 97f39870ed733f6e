// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/failure.hpp>

#include <exception>
#include <system_error>

namespace batchpace::inline BATCHPACE_FLAVOUR::driver {

/// Of the exception that is being handled: an annotator that throws has failed for now, another attempt may go better.
inline Failure exception_failure() {
    try {
        throw;
    } catch (std::system_error const& e) {
        return Failure::transient(e.what()).with_code(e.code());
#if defined(BATCHPACE_USE_BOOST_ASIO)
    } catch (net_system_error const& e) {
        return Failure::transient(e.what()).with_code(e.code());
#endif
    } catch (std::exception const& e) {
        return Failure::transient(e.what());
    } catch (...) {
        return Failure::transient("the annotator threw something that is not a std::exception");
    }
}

}  // namespace batchpace::inline BATCHPACE_FLAVOUR::driver
