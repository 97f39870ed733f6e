// SPDX-License-Identifier: BSL-1.0
import { FACE_WORDS, type Face } from '../format/status';
import { Icon, type IconName } from './icon';

const ICONS: Record<Face, IconName> = {
    waiting: 'clock',
    running: 'play',
    paused: 'pause',
    ending: 'stop',
    completed: 'check',
    partly: 'partly',
    failed: 'cross',
    cancelled: 'stop',
    gone: 'plug',
};

/** A job's face: colour, sign and word, so that none of them has to do alone. */
export function StatusPill({ face, short = false }: { face: Face; short?: boolean }) {
    return (
        <span className="pill" data-face={face}>
            <Icon name={ICONS[face]} size={14} />
            {short && face === 'partly' ? 'Partly' : FACE_WORDS[face]}
        </span>
    );
}
