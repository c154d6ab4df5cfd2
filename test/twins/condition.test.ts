/** Actors wait for a condition that another notifies, in every interleaving that nesting reaches: as many go on as were notified. */
import { describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { Condition } from '#src/primitives/condition.js';
import { Lock } from '#src/primitives/lock.js';
import { bodyCell } from '#src/primitives/primitive.js';
import { SharedLab } from '../shared-lab.ts';
import { Interleavings, type Verdict, Violation } from './interleavings.ts';
import { steppedMemory } from './stepped-memory.ts';

/** So long that it never passes; with it, a wait does not ask whether anybody is left. */
const LONG_MS = 1e9;
const BODY_CELLS = 268 + 64;

/** What a test needs of a condition. */
interface Waitable {
  acquire(): boolean;
  release(): void;
  wait(timeoutMs: number): boolean;
  notify(count: number): void;
}

/** The condition of many a text: a number that goes up, and a wake-up for as many as were asked for. Whoever looks sees that it has changed. */
class SequenceOnly implements Waitable {
  readonly #memory: LabMemory;
  readonly #lock: Lock;
  readonly #sequence: number;

  constructor(memory: LabMemory, lock: Lock, offset: number) {
    this.#memory = memory;
    this.#lock = lock;
    this.#sequence = bodyCell(offset) + 2;
  }

  acquire(): boolean {
    return this.#lock.acquire();
  }

  release(): void {
    this.#lock.release();
  }

  wait(): boolean {
    const { cells, waiter } = this.#memory;
    const [cell, start] = [this.#sequence, cells.load(this.#sequence)];
    this.#lock.release();
    waiter.block({
      verb: 'wait',
      target: 0,
      cell,
      expected: start,
      attempt: () => (cells.load(cell) === start ? undefined : true),
      check() {},
    });
    this.#lock.acquire();
    return true;
  }

  notify(count: number): void {
    this.#memory.cells.add(this.#sequence, 1);
    this.#memory.waiter.wake(this.#sequence, count);
  }
}

/** Waits for a change of what it has not looked at before it let go of the lock. */
class EnrolsTooLate extends SequenceOnly {
  readonly #late: () => number;

  constructor(memory: LabMemory, lock: Lock, offset: number) {
    super(memory, lock, offset);
    this.#late = () => {
      const { cells, waiter } = memory;
      const cell = bodyCell(offset) + 2;
      lock.release();
      const start = cells.load(cell);
      const attempt = (): true | undefined => (cells.load(cell) === start ? undefined : true);
      waiter.block({ verb: 'wait', target: 0, cell, expected: start, attempt, check() {} });
      lock.acquire();
      return start;
    };
  }

  override wait(): boolean {
    this.#late();
    return true;
  }
}

type Make = (memory: LabMemory, lock: number, offset: number) => Waitable;

const received = (memory: LabMemory, offset: number): unknown => memory.objects.hold(offset);
const real: Make = (memory, _lock, offset) => received(memory, offset) as Condition;
const sequenceOnly: Make = (memory, lock, offset) => new SequenceOnly(memory, received(memory, lock) as Lock, offset);
const enrolsTooLate: Make = (memory, lock, offset) => new EnrolsTooLate(memory, received(memory, lock) as Lock, offset);

/** Waiters wait; one notifies one of them, and later all. */
function examine(waiters: number, make: Make): Verdict[] {
  using lab = new SharedLab(waiters + 1);
  const memory = lab.memory(0);
  const { cells } = memory;
  const lock = Lock.create(memory);
  const offset = Condition.create(memory, { lock })[SHARED_OBJECT];
  const fresh = new Uint8Array(BODY_CELLS * 4);
  cells.copyOut(bodyCell(offset) * 4, fresh);
  return [true, false].map((wakeNewest) => {
    const interleavings = new Interleavings(wakeNewest);
    const waitables = lab.memories.map((each, actor) =>
      make(steppedMemory(each, interleavings.cells(actor, each.cells)), lock[SHARED_OBJECT], offset),
    );
    let woken = 0;
    let notified = 0;
    let waiting = 0;
    let over = false;
    return interleavings.explore({
      reset() {
        cells.copyIn(bodyCell(offset) * 4, fresh);
        cells.store(bodyCell(lock[SHARED_OBJECT]), 0);
        [woken, notified, waiting, over] = [0, 0, 0, false];
      },
      actors: waitables.map((condition, actor) => {
        if (actor > 0) {
          return [
            () => {
              condition.acquire();
              if (!over) {
                waiting++;
                condition.wait(LONG_MS);
                if (!over && ++woken > notified) throw new Violation(`${woken} went on, and ${notified} were notified`);
              }
              condition.release();
            },
          ];
        }
        const notify = (all: boolean): void => {
          condition.acquire();
          over = all;
          if (waiting > 0) notified++;
          condition.notify(all ? waiters : 1);
          condition.release();
        };
        return [() => notify(false), () => notify(true)];
      }),
    });
  });
}

function violations(verdicts: readonly Verdict[]): string[] {
  return verdicts.flatMap(({ violation }) => violation ?? []);
}

describe('a condition', () => {
  test.each([1, 2])('with %i waiters ends as many waits as were notified, and loses no wake-up', (waiters) => {
    const verdicts = examine(waiters, real);
    expect(violations(verdicts)).toEqual([]);
    for (const { executions } of verdicts) expect(executions).toBeGreaterThan(30);
  });

  test('that is only a number that goes up passes with one waiter', () => {
    expect(violations(examine(1, sequenceOnly))).toEqual([]);
  });

  test('that is only a number that goes up wakes more than were notified, and is caught', () => {
    expect(violations(examine(2, sequenceOnly))).toContainEqual(expect.stringMatching(/were notified/));
  });

  test('that is looked at after the lock was released misses a notify, and is caught', () => {
    expect(violations(examine(1, enrolsTooLate))).toContainEqual(expect.stringMatching(/nobody is left to wake them/));
  });
});
