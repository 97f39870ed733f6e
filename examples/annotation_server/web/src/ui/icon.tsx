// SPDX-License-Identifier: BSL-1.0
const PATHS = {
    plus: 'M10 4v12M4 10h12',
    pause: 'M7 4.5v11M13 4.5v11',
    play: 'M6.5 4.2v11.6L16 10z',
    cross: 'M5 5l10 10M15 5L5 15',
    stop: 'M5.5 5.5h9v9h-9z',
    retry: 'M15.6 8A6 6 0 1 0 16 11M16 4v4.2h-4.2',
    check: 'M4.5 10.5l3.6 3.6 7.4-8',
    partly: 'M10 3.2l7.2 12.8H2.8zM10 8.2v3.4M10 13.8v.1',
    clock: 'M10 5.6V10l2.8 1.8M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0z',
    left: 'M12 4.5L6.5 10l5.5 5.5',
    right: 'M8 4.5L13.5 10 8 15.5',
    down: 'M4.5 8l5.5 5.5L15.5 8',
    copy: 'M7.5 7.5h8v8h-8zM12.5 7.5v-3h-8v8h3',
    sun: 'M10 6.6a3.4 3.4 0 1 1 0 6.8 3.4 3.4 0 0 1 0-6.8zM10 1.8v1.6M10 16.6v1.6M1.8 10h1.6M16.6 10h1.6M4.2 4.2l1.1 1.1M14.7 14.7l1.1 1.1M4.2 15.8l1.1-1.1M14.7 5.3l1.1-1.1',
    moon: 'M16 11.8A6.6 6.6 0 0 1 8.2 4a6.4 6.4 0 1 0 7.8 7.8z',
    system: 'M3.2 4.5h13.6v9H3.2zM7.4 16.5h5.2M10 13.5v3',
    leave: 'M8.5 3.5h-4v13h4M8 10h9M13.6 6.6L17 10l-3.4 3.4',
    file: 'M11.5 3H5.5v14h9V6zM11.5 3v3h3',
    picture: 'M3.5 4.5h13v11h-13zM3.5 13l3.7-3.4 3 2.6 2.6-2.2 3.7 3M12.6 7.4v.1',
    search: 'M8.6 3.6a5 5 0 1 1 0 10 5 5 0 0 1 0-10zM12.4 12.4l4 4',
    bell: 'M10 3a4.4 4.4 0 0 0-4.4 4.4c0 4-1.6 5-1.6 5.8h12c0-.8-1.6-1.8-1.6-5.8A4.4 4.4 0 0 0 10 3zM8.4 16h3.2',
    sliders: 'M4 6h6M14 6h2M4 14h2M10 14h6M12 4v4M8 12v4',
    dots: 'M4.5 10h.1M10 10h.1M15.5 10h.1',
    plug: 'M7 3v4M13 3v4M5 7h10v2.5a5 5 0 0 1-10 0zM10 14.5V18',
} as const;

export type IconName = keyof typeof PATHS;

/** Always beside words, so hidden from screen readers. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
    return (
        <svg
            className="icon"
            viewBox="0 0 20 20"
            width={size}
            height={size}
            fill="none"
            stroke="currentColor"
            strokeWidth="1.7"
            strokeLinecap="round"
            strokeLinejoin="round"
            aria-hidden="true"
        >
            <path d={PATHS[name]} />
        </svg>
    );
}
