// SPDX-License-Identifier: BSL-1.0
import { watchedFetch } from './connection';

export interface Picture {
    id: string;
    bytes: number;
}

export interface PicturePage {
    pictures: Picture[];
    next?: string;
}

/** A page of the server's pictures, by name. */
export async function listPictures(
    query: { contains?: string; after?: string; limit?: number },
    signal?: AbortSignal,
): Promise<PicturePage> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
        if (value !== undefined && value !== '') {
            parameters.set(name, String(value));
        }
    }
    const response = await watchedFetch(`/pictures?${parameters}`, signal ? { signal } : {});
    if (!response.ok) {
        throw new Error(`The server answered ${response.status}.`);
    }
    return (await response.json()) as PicturePage;
}

/** All of them, page by page, up to a bound. */
export async function allPictures(contains: string, most: number, signal?: AbortSignal): Promise<Picture[]> {
    const found: Picture[] = [];
    let after: string | undefined;
    do {
        const page = await listPictures({ contains, limit: 1000, ...(after === undefined ? {} : { after }) }, signal);
        found.push(...page.pictures);
        after = page.next;
    } while (after !== undefined && found.length < most);
    return found.slice(0, most);
}
