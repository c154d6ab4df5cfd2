import type { Mechanism } from '../mechanism.ts';
import { loop, loopPeer } from '../variants.ts';

/** Who goes first: locks and semaphores, alone and fought for. */
export const LOCKS: readonly Mechanism[] = [
  {
    name: 'locked-increments',
    about: 'counter.value += 1 on a RawValue, under a Lock taken each time',
    variants: [1, 2, 4].flatMap((processes) => [
      loop('acquire-release-increment', processes, 'acquire, release', [
        loopPeer('raw-value-lock', processes, 'Python RawValue, acquire, release'),
        loopPeer('raw-value-with-lock', processes, 'Python RawValue, with lock'),
        loopPeer('value-get-lock', processes, 'Python Value, with get_lock()'),
      ]),
      loop('using-hold-increment', processes, 'using hold()', [
        loopPeer('raw-value-with-lock', processes, 'Python RawValue, with lock'),
        loopPeer('value-get-lock', processes, 'Python Value, with get_lock()'),
      ]),
    ]),
  },
  {
    name: 'acquire-release',
    about: 'a Lock taken and given back, nobody else there',
    variants: [loop('acquire-release', 1, undefined, [loopPeer('acquire-release', 1, 'Python Lock')])],
  },
  {
    name: 'semaphore',
    about: 'the one permit of a Semaphore taken and given back',
    variants: [1, 2].map((processes) =>
      loop('semaphore-acquire-release', processes, undefined, [loopPeer('semaphore', processes, 'Python Semaphore')]),
    ),
  },
];
