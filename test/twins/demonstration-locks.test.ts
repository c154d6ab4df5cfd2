import { describe, expect, test } from 'vitest';
import type { Cells } from '#src/memory/cells.js';
import { SLOT_STATE } from '#src/memory/slot-layout.js';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { SpinLock } from '#src/primitives/spin-lock.js';
import { TicketLock } from '#src/primitives/ticket-lock.js';
import { SharedLab } from '../shared-lab.ts';
import { SpinLockTestThenSet, TicketLockLoadAndStore } from './broken-demonstration-locks.ts';
import { examine, type Place, violations } from './examine-lock.ts';
import { steppedMemory } from './stepped-memory.ts';
import { Interleavings, type Verdict, Violation, withoutCompareExchange } from './interleavings.ts';

/** To look again and again is to sleep until the word changes, where no time passes. */
function spinningSleeps(cells: Cells): Cells {
  return new Proxy(cells, {
    get: (target, name) => {
      if (name === 'backOff') {
        return (cell: number): number => {
          const seen = target.load(cell);
          if (seen !== 0) target.wait(cell, seen, 0);
          return target.load(cell);
        };
      }
      if (name === 'exchange') {
        return (cell: number, value: number): number => {
          const old = target.exchange(cell, value);
          target.wake(cell, 99);
          return old;
        };
      }
      return Reflect.get(target, name) as unknown;
    },
  });
}

describe('SpinLock', () => {
  test.each([2, 3])('lets one of %i actors in at a time, in any interleaving', (actors) => {
    const verdicts = examine(SpinLock, actors, spinningSleeps);
    expect(violations(verdicts)).toEqual([]);
    for (const { executions } of verdicts) expect(executions).toBeGreaterThan(actors === 2 ? 15 : 500);
  });

  test('that tests and then sets is caught', () => {
    expect(violations(examine(SpinLockTestThenSet, 2, spinningSleeps))).toContainEqual(
      expect.stringMatching(/inside beside/),
    );
  });
});

/** Also where tickets become negative, where they come back to 0, and where a lap ends. */
const FIRST_TICKETS = [1024, 2 ** 31 - 2, -2, 1023, 128 * 1024 - 1];

function tickets(first: number): Place {
  return {
    make: (memory) => TicketLock.create(memory, {}, first)[SHARED_OBJECT],
    reset: (memory, offset) => TicketLock.initialize(memory, offset, first),
  };
}

describe.each(FIRST_TICKETS)('TicketLock, from ticket %i on,', (first) => {
  test.each([2, 3])('lets one of %i actors in at a time and loses no wake-up, in any interleaving', (actors) => {
    const verdicts = examine(TicketLock, actors, undefined, tickets(first));
    expect(violations(verdicts)).toEqual([]);
    for (const { executions } of verdicts) expect(executions).toBeGreaterThan(actors === 2 ? 30 : 1000);
  });
});

describe('TicketLock', () => {
  test('that loads and stores its ticket is caught', () => {
    const verdicts = examine(TicketLockLoadAndStore, 2, undefined, tickets(1024));
    expect(violations(verdicts)).not.toEqual([]);
    expect(violations(examine(TicketLock, 2, withoutCompareExchange, tickets(1024)))).not.toEqual([]);
  });

  test.each(['dies waiting', 'gives up'])('is not stopped by one that %s, in any interleaving', (end) => {
    const { violation, executions } = examineLeaver(end === 'dies waiting');
    expect(violation).toBeUndefined();
    expect(executions).toBeGreaterThan(30);
  });
});

/** A sleep that begins just after the death that it should have noticed is ended by its slice. */
function endingSlices(cells: Cells, died: () => boolean): Cells {
  return new Proxy(cells, {
    get: (target, name) => {
      if (name !== 'wait') return Reflect.get(target, name) as unknown;
      return (cell: number, expected: number, timeoutMs: number) =>
        died() ? 'timed-out' : target.wait(cell, expected, timeoutMs);
    },
  });
}

/** One holds the lock, a second has a ticket and leaves without having entered, a third must get in all the same. */
function examineLeaver(dies: boolean): Verdict {
  using lab = new SharedLab(3);
  const first = 2 ** 31 - 1;
  const place = tickets(first);
  const offset = place.make(lab.memory(0));
  const interleavings = new Interleavings(true);
  const { slots } = lab.memory(0);
  const leaver = lab.memory(1).self;
  const locks = lab.memories.map((each, actor) => {
    const cells = interleavings.cells(actor, each.cells);
    return new TicketLock(
      steppedMemory(
        each,
        endingSlices(cells, () => slots.state(leaver) === SLOT_STATE.ended && !slept++),
      ),
      offset,
    );
  });
  const plain = lab.memories.map((each) => new TicketLock(each, offset));
  let served = 0;
  let slept = 0;
  const verdict = interleavings.explore({
    reset() {
      place.reset(lab.memory(0), offset);
      lab.memory(0).cells.store(slots.stateCell(leaver), SLOT_STATE.spawned);
      plain[0]?.tryAcquire();
      slept = 0;
    },
    actors: [
      [() => locks[0]?.release()],
      [
        () => {
          if (dies) {
            // As one that is killed after it has got a ticket.
            const { cells } = lab.memory(1);
            const taken = (locks[1] as unknown as { takeTicket(next: number): number | undefined }).takeTicket(
              cells.load((offset + 16) / 4),
            );
            if (taken === undefined) return;
            lab.die(1);
            interleavings.cells(1, cells).wake((offset + 16) / 4 + 1, 99);
          } else if (locks[1]?.tryAcquire() === true) {
            locks[1].release();
          }
        },
      ],
      [
        () => {
          locks[2]?.acquire();
          served++;
          locks[2]?.release();
          if (plain[0]?.locked === true && plain[0].owner === undefined) throw new Violation('held by nobody');
        },
      ],
    ],
  });
  if (served === 0) throw new Error('the third never came to its turn');
  return verdict;
}
