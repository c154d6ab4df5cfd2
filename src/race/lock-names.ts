/** What `--lock` takes. A name here has its kind in lock-kinds.ts; apart from it, so that reading a command line loads no lock. */
export const LOCK_NAMES = ['mutex', 'rlock', 'spin', 'ticket', 'file', 'mkdir', 'atomic'] as const;

/** How the counter is protected in a race: by a lock, or by `none`. */
export type RaceLock = 'none' | (typeof LOCK_NAMES)[number];

/** The names as a sentence has them. */
export const LOCK_CHOICES = `${LOCK_NAMES.slice(0, -1).join(', ')} or ${LOCK_NAMES.at(-1)}`;
