import type { Mechanism } from '../mechanism.ts';
import { loop, loopPeer } from '../variants.ts';

/** What is in shared memory, without fighting for a lock. */
export const VALUES: readonly Mechanism[] = [
  {
    name: 'unlocked-increments',
    about: 'counter.value += 1 on a RawValue, without a lock: updates get lost',
    variants: [1, 2].map((processes) =>
      loop('increment', processes, undefined, [loopPeer('raw-value', processes, 'Python RawValue')]),
    ),
  },
  {
    name: 'atomic-add',
    about: 'counter.add(1) on a RawValue: atomic, so none gets lost; Python needs its lock for that',
    variants: [1, 2].map((processes) =>
      loop('atomic-add', processes, undefined, [
        loopPeer('raw-value-lock', processes, 'Python RawValue, acquire, release'),
      ]),
    ),
  },
  {
    name: 'square-array',
    about: '1,000,000 ints of a RawArray squared in place under a Lock, elements a second',
    variants: (
      [
        ['square-elements', 'get and set'],
        ['square-view', 'view()'],
      ] as const
    ).map(([name, how]) => ({
      ...loop(name, 1, how, [
        loopPeer('array-get-obj', 1, 'Python Array, get_obj()'),
        loopPeer('array-elements', 1, 'Python Array, a[i]'),
      ]),
      size: 1_000_000,
    })),
  },
];
