// SPDX-License-Identifier: BSL-1.0
// A file of its own, because the page's Content-Security-Policy lets no script stand inside the page.
try {
    const chosen = localStorage.getItem('batchpace.theme');
    if (chosen === 'light' || chosen === 'dark') {
        document.documentElement.dataset.theme = chosen;
    }
} catch {
    // Storage is closed to this page: the system's theme it is.
}
