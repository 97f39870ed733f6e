// SPDX-License-Identifier: BSL-1.0
/** Where an item's picture is to be had, or why it is not. */
export type PictureSource = { url: string; remote: boolean } | { missing: string };

export function pictureSource(id: string, serverHasPictures: boolean): PictureSource {
    if (/^https:\/\//i.test(id)) {
        return { url: id, remote: true };
    }
    if (/^http:\/\//i.test(id)) {
        return { missing: 'Not shown: it is on a server without encryption' };
    }
    if (/^gs:\/\//i.test(id)) {
        return { missing: 'In Google Cloud Storage, where this page cannot read it' };
    }
    if (!serverHasPictures) {
        return { missing: 'This server keeps no pictures' };
    }
    return { url: `/pictures/${encodeURIComponent(id)}`, remote: false };
}
