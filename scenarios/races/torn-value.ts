/**
 * A value of two words is written word by word. Whoever reads in between sees half of the old and half of the new: a value that never was.
 */
import { type ActorContext, type Lock, program, type RawArray, type RawValue } from 'ipc-lab';

interface Shared {
  readonly words: RawArray;
  readonly seen: RawValue;
  readonly lock: Lock;
}

export default program({
  name: 'torn-value',
  title: 'A reader sees half of an old value and half of a new one',
  teaches: ['torn read', 'RawArray', 'Lock'],
  params: { lock: { default: 'none', choices: ['none', 'mutex'], about: 'what keeps the two words together' } },
  shared: (lab): Shared => ({
    words: lab.rawArray('i', [1, 1], { name: 'words' }),
    seen: lab.rawValue('i', 0, { name: 'seen' }),
    lock: lab.lock({ name: 'lock' }),
  }),
  actors: () => [write, read],
  outcome: ({ seen }) => seen.value,
  grade: (outcome) => (outcome === 11 || outcome === 22 ? 'acceptable' : 'forbidden'),
});

/** Changes 1,1 into 2,2. */
export function write({ words, lock }: Shared, _lab: ActorContext, { lock: kind }: { readonly lock: string }): void {
  if (kind === 'mutex') lock.acquire();
  words.set(0, 2);
  words.set(1, 2);
  if (kind === 'mutex') lock.release();
}

/** Reads both words as the digits of one number. */
export function read(
  { words, seen, lock }: Shared,
  _lab: ActorContext,
  { lock: kind }: { readonly lock: string },
): void {
  if (kind === 'mutex') lock.acquire();
  const number = words.get(0) * 10 + words.get(1);
  if (kind === 'mutex') lock.release();
  seen.value = number;
}
