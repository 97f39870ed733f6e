// SPDX-License-Identifier: BSL-1.0
export { AdminBatchDashboard, type AdminBatchDashboardProps } from './admin_dashboard.js';
export { BatchProgressDisplay, type BatchProgressDisplayProps } from './progress_display.js';
export { BatchClientProvider, useBatchClient, type BatchClientProviderProps } from './provider.js';
export { useBatchProcessor, type BatchProcessorOptions, type BatchProcessorState } from './use_batch_processor.js';
