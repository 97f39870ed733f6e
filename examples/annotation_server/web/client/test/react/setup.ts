// SPDX-License-Identifier: BSL-1.0
import { configure } from '@testing-library/react';

// A busy machine is no reason to fail: what is waited for comes within milliseconds where all is well.
configure({ asyncUtilTimeout: 8_000 });
