// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <memory>
#include <utility>

namespace batchpace::engine {

/// An optional whose value lives elsewhere: for what few jobs need, so that the others pay a pointer for it.
template <class T>
class Boxed {
public:
    template <class... Args>
    T& emplace(Args&&... args) {
        value_ = std::make_unique<T>(std::forward<Args>(args)...);
        return *value_;
    }
    /// The value, made where there is none yet.
    T& made() { return value_ ? *value_ : emplace(); }
    void reset() noexcept { value_.reset(); }

    explicit operator bool() const noexcept { return value_ != nullptr; }
    T& operator*() noexcept { return *value_; }
    T const& operator*() const noexcept { return *value_; }
    T* operator->() noexcept { return value_.get(); }
    T const* operator->() const noexcept { return value_.get(); }

private:
    std::unique_ptr<T> value_;
};

}  // namespace batchpace::engine
