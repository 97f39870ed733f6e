// SPDX-License-Identifier: BSL-1.0
import { parseIds, type BadId } from './parse_ids';

/** A list that was dropped or chosen. */
export interface IdList {
    name: string;
    ids: string[];
    bad: BadId[];
    /** Made of the names of pictures: their content stays where it is. */
    names: boolean;
}

/** Lists are read; of pictures, the names are the ids. */
export async function readFiles(files: readonly File[]): Promise<IdList[]> {
    const pictures = files.filter(isPicture);
    const lists = await Promise.all(
        files
            .filter((file) => !isPicture(file))
            .map(async (file) => ({ name: file.name, names: false, ...parseIds(await file.text()) })),
    );
    if (pictures.length > 0) {
        const ids = pictures.map((file) => file.name);
        lists.push({ name: pictures.length === 1 ? ids[0]! : 'Names of pictures', ids, bad: [], names: true });
    }
    return lists;
}

function isPicture(file: File): boolean {
    return file.type.startsWith('image/') || /\.(png|jpe?g|gif|webp|bmp|tiff?|pnm|ppm|pgm)$/i.test(file.name);
}
