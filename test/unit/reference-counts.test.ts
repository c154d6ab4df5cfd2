/**
 * A process is killed at every store of a change of a count, while another stands still at every step of a change of the same count: whoever
 * reaps the first can tell whether it had changed it.
 */
import { expect, test } from 'vitest';
import type { Cells } from '#src/memory/cells.js';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { Lock } from '#src/primitives/lock.js';
import { KIND } from '#src/primitives/primitive.js';
import { SharedLab } from '../shared-lab.ts';
import { killAt, wasKilled } from '../twins/kill-at.ts';

const MOST_STEPS = 200;
const LAB_BYTES = 512 * 1024;
const STEPS = ['load', 'loadBigInt64', 'compareExchange', 'compareExchangeBigInt64'];

/** Does something before the `at`-th look at shared memory, or exchange, of what another process does. False: it was over before. */
function inTheMiddleOf(cells: Cells, at: number, act: () => void, meanwhile: () => void): boolean {
  const own = cells as unknown as Record<string, (...args: unknown[]) => unknown>;
  let count = 0;
  for (const name of STEPS) {
    const real = own[name] as (...args: unknown[]) => unknown;
    own[name] = (...args) => {
      if (++count === at) meanwhile();
      return real.apply(cells, args);
    };
  }
  act();
  for (const name of STEPS) delete own[name];
  return count >= at;
}

/** Kills a process at a store of what it does. False: it was over before. */
function killed({ cells }: LabMemory, at: number, act: () => void): boolean {
  const revive = killAt(cells, at);
  try {
    act();
    return false;
  } catch (error) {
    if (!wasKilled(error)) throw error;
    return true;
  } finally {
    revive();
  }
}

type Act = (theirs: LabMemory, offset: number, third: LabMemory) => void;

const ACTS: readonly [string, Act, Act][] = [
  [
    'gives its reference back and gets another',
    () => {},
    ({ objects }, offset) => {
      objects.close(offset);
      objects.hold(offset);
    },
  ],
  [
    'gives its reference back after a third has got one',
    (_theirs, offset, third) => third.objects.hold(offset),
    ({ objects }, offset) => objects.close(offset),
  ],
  [
    'gets a reference after a third has got one',
    ({ objects }, offset, third) => {
      objects.close(offset);
      third.objects.hold(offset);
    },
    ({ objects }, offset) => objects.hold(offset),
  ],
];

test.each(ACTS)('killed while it %s, and another in the middle of getting one', (_name, first, act) => {
  for (let store = 1, more = true; more; store++) {
    more = false;
    for (let step = 1, within = true; within; step++) {
      expect(Math.max(step, store), 'the number of steps').toBeLessThan(MOST_STEPS);
      using lab = new SharedLab(4, LAB_BYTES);
      const [ours, theirs, others, third] = lab.memories as [LabMemory, LabMemory, LabMemory, LabMemory];
      const lock = Lock.create(ours);
      const offset = lock[SHARED_OBJECT];
      theirs.objects.hold(offset);
      within = inTheMiddleOf(
        others.cells,
        step,
        () => others.objects.hold(offset),
        () => {
          first(theirs, offset, third);
          more = killed(theirs, store, () => act(theirs, offset, third)) || more;
        },
      );
      lab.reap(1);
      if (!within) continue;
      for (const { objects } of [others, third]) objects.close(offset);
      const left = [ours.objects.kind(offset), ours.objects.references(offset)];
      expect(left, `killed at store ${store}, the other at step ${step}`).toEqual([KIND.lock, 1]);
    }
  }
});
