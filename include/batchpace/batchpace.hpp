// SPDX-License-Identifier: BSL-1.0
#pragma once

/// The core in one include: the processor, its vocabulary, every policy.

#include <batchpace/annotators/batched.hpp>
#include <batchpace/annotators/callback.hpp>
#include <batchpace/batch_processor.hpp>
#include <batchpace/policy/all_of.hpp>
#include <batchpace/policy/backoff.hpp>
#include <batchpace/policy/fixed_backoff.hpp>
#include <batchpace/policy/no_backoff.hpp>
#include <batchpace/policy/retry_policy.hpp>
#include <batchpace/policy/sliding_window.hpp>
#include <batchpace/policy/token_bucket.hpp>
#include <batchpace/policy/unlimited.hpp>
#include <batchpace/sleep_for.hpp>
#include <batchpace/timer_for.hpp>
#include <batchpace/version.hpp>
