// SPDX-License-Identifier: BSL-1.0
/** What was typed into a field of a whole number: nothing, the number, or what is wrong with it. */
export function wholeNumber(text: string, from: number, to: number): { value?: number; error?: string } {
    const typed = text.trim();
    if (typed === '') {
        return {};
    }
    const value = Number(typed);
    if (!/^\d+$/.test(typed) || value < from || value > to) {
        const most = to >= 2_147_483_647 ? `${from} or more` : `from ${from} to ${to.toLocaleString('en')}`;
        return { error: `A whole number, ${most}` };
    }
    return { value };
}
