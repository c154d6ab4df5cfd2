/** Actors take and give permits, and set and wait for events, in every interleaving that nesting reaches. */
import { describe, expect, test } from 'vitest';
import type { Cells } from '#src/memory/cells.js';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { isIpcError } from '#src/core/errors.js';
import { BoundedSemaphore } from '#src/primitives/bounded-semaphore.js';
import { Event } from '#src/primitives/event.js';
import { bodyCell } from '#src/primitives/primitive.js';
import { Semaphore } from '#src/primitives/semaphore.js';
import { SharedLab } from '../shared-lab.ts';
import { Interleavings, type Verdict, Violation, withoutCompareExchange } from './interleavings.ts';
import { steppedMemory } from './stepped-memory.ts';

type Wrap = (cells: Cells, sleepers: number) => Cells;

const asItIs: Wrap = (cells) => cells;
const SLEEPERS = 8;
/** So long that it never passes; with it, a wait does not ask whether anybody is left. */
const LONG_MS = 1e9;

/** Tells nobody that it sleeps. */
const uncounted: Wrap = (cells, sleepers) =>
  new Proxy(cells, {
    get: (target, name) => {
      if (name !== 'add') return Reflect.get(target, name) as unknown;
      return (cell: number, value: number): number => (cell === sleepers ? 0 : target.add(cell, value));
    },
  });

/** Looks whether there is a permit, and then takes it. */
class ChecksThenDecrements extends Semaphore {
  override tryAcquire(): boolean {
    const value = this.cells.load(this.valueCell);
    if (value <= 0) return false;
    this.cells.store(this.valueCell, value - 1);
    return true;
  }
}

/** Looks at the flag only: what was set and cleared between two looks has never been. */
class LooksAtTheFlag extends Event {
  override wait(): boolean {
    const { cells, flagCell, memory } = this;
    const wait = {
      verb: 'wait' as const,
      target: this[SHARED_OBJECT],
      cell: flagCell,
      expected: 0,
      attempt(): true | undefined {
        wait.expected = cells.load(flagCell);
        return (wait.expected & 1) === 1 ? true : undefined;
      },
      enter: () => void cells.add(flagCell + SLEEPERS, 1),
      leave: () => void cells.add(flagCell + SLEEPERS, -1),
      check() {},
    };
    return memory.waiter.block(wait) === true;
  }
}

/** Each actor takes a permit and gives it back: never are more inside than there are permits, and nobody sleeps for ever. */
function examineSemaphore(
  Kind: new (memory: LabMemory, offset: number) => Semaphore,
  actors: number,
  permits: number,
  wrap = asItIs,
): Verdict[] {
  using lab = new SharedLab(actors);
  const memory = lab.memory(0);
  const offset = Semaphore.create(memory, permits)[SHARED_OBJECT];
  const value = bodyCell(offset);
  return [true, false].map((wakeNewest) => {
    const interleavings = new Interleavings(wakeNewest);
    let inside = 0;
    return interleavings.explore({
      reset() {
        memory.cells.store(value, permits);
        memory.cells.store(value + SLEEPERS, 0);
        inside = 0;
      },
      actors: lab.memories.map((each, actor) => {
        const cells = wrap(interleavings.cells(actor, each.cells), value + SLEEPERS);
        const semaphore = new Kind(steppedMemory(each, cells), offset);
        return [
          () => {
            semaphore.acquire(LONG_MS);
            if (++inside > permits) throw new Violation(`${inside} are inside, with ${permits} permits`);
          },
          () => {
            inside--;
            semaphore.release();
          },
        ];
      }),
    });
  });
}

/** Each of two gives back the one permit that was taken: one of them is refused. */
function examineBound(wrap = asItIs): Verdict {
  using lab = new SharedLab(2);
  const memory = lab.memory(0);
  const offset = BoundedSemaphore.create(memory, 1)[SHARED_OBJECT];
  const value = bodyCell(offset);
  const interleavings = new Interleavings(true);
  let released = 0;
  return interleavings.explore({
    reset() {
      memory.cells.store(value, 0);
      released = 0;
    },
    actors: lab.memories.map((each, actor) => {
      const cells = wrap(interleavings.cells(actor, each.cells), value + SLEEPERS);
      const semaphore = new BoundedSemaphore(steppedMemory(each, cells), offset);
      return [
        () => {
          try {
            semaphore.release();
          } catch (error) {
            if (isIpcError(error, 'ERR_IPC_RELEASED_TOO_OFTEN')) return;
            throw error;
          }
          if (++released > 1) throw new Violation('more was given back than was taken');
        },
      ];
    }),
  });
}

/** Some wait for an event that one sets and clears again: all who wait when it does go on. */
function examineEvent(
  Kind: new (memory: LabMemory, offset: number) => Event,
  waiters: number,
  start: number,
  wrap = asItIs,
): Verdict[] {
  using lab = new SharedLab(waiters + 1);
  const memory = lab.memory(0);
  const offset = Event.create(memory)[SHARED_OBJECT];
  const flag = bodyCell(offset);
  return [true, false].map((wakeNewest) => {
    const interleavings = new Interleavings(wakeNewest);
    let waiting = 0;
    return interleavings.explore({
      reset() {
        memory.cells.store(flag, start);
        memory.cells.store(flag + SLEEPERS, 0);
        waiting = 0;
      },
      actors: lab.memories.map((each, actor) => {
        const cells = wrap(interleavings.cells(actor, each.cells), flag + SLEEPERS);
        const event = new Kind(steppedMemory(each, cells), offset);
        if (actor > 0) {
          return [
            () => {
              waiting++;
              if (!event.wait(LONG_MS)) throw new Violation('a wait ended without a set');
              waiting--;
            },
          ];
        }
        // Sets again and again until nobody waits: only a wait that began in time has to end.
        return [() => event.set(), () => (waiting > 0 ? event.clear() : undefined), () => event.set()];
      }),
    });
  });
}

/** As {@link examineEvent}, with one pulse only, for a waiter that has begun before it. */
function examinePulse(Kind: new (memory: LabMemory, offset: number) => Event): Verdict {
  using lab = new SharedLab(2);
  const memory = lab.memory(0);
  const offset = Event.create(memory)[SHARED_OBJECT];
  const flag = bodyCell(offset);
  const interleavings = new Interleavings(true);
  let begun = false;
  return interleavings.explore({
    reset() {
      memory.cells.store(flag, 0);
      memory.cells.store(flag + SLEEPERS, 0);
      begun = false;
    },
    actors: lab.memories.map((each, actor) => {
      const real = interleavings.cells(actor, each.cells);
      const noticed = new Proxy(real, {
        get: (target, name) => {
          const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
          if (name !== 'load' || actor === 0) return method;
          return (cell: number): unknown => {
            const found = method(cell);
            if (cell === flag) begun = true;
            return found;
          };
        },
      });
      const event = new Kind(steppedMemory(each, noticed), offset);
      if (actor === 1) return [() => void event.wait(LONG_MS)];
      return [
        () => {
          // A pulse before the wait began may pass unseen: then the event stays set.
          const inTime = begun;
          event.set();
          if (inTime) event.clear();
        },
      ];
    }),
  });
}

function violations(verdicts: readonly Verdict[]): string[] {
  return verdicts.flatMap(({ violation }) => violation ?? []);
}

describe('a semaphore', () => {
  test.each([
    [2, 1],
    [3, 1],
    [3, 2],
  ])('of %i actors never lets in more than its %i permits, and loses no wake-up', (actors, permits) => {
    const verdicts = examineSemaphore(Semaphore, actors, permits);
    expect(violations(verdicts)).toEqual([]);
    for (const { executions } of verdicts) expect(executions).toBeGreaterThan(30);
  });

  test('that checks and then decrements is caught, and so is one that loads and stores', () => {
    expect(violations(examineSemaphore(ChecksThenDecrements, 2, 1))).not.toEqual([]);
    expect(violations(examineSemaphore(Semaphore, 2, 1, withoutCompareExchange))).not.toEqual([]);
  });

  test('whose sleepers are not counted is caught', () => {
    expect(violations(examineSemaphore(Semaphore, 2, 1, uncounted))).toContainEqual(
      expect.stringMatching(/nobody is left to wake them/),
    );
  });
});

describe('a bounded semaphore', () => {
  test('is never given back more than was taken', () => {
    const { violation, executions } = examineBound();
    expect([violation, executions > 3]).toEqual([undefined, true]);
  });

  test('whose bound is looked at before the permit is given back is caught', () => {
    expect(examineBound(withoutCompareExchange).violation).toBe('more was given back than was taken');
  });
});

describe('an event', () => {
  test.each([
    [1, 0],
    [2, 0],
    [2, 2 ** 31 - 2],
    [1, -2],
  ])('releases all of %i who wait, counting from %i', (waiters, start) => {
    const verdicts = examineEvent(Event, waiters, start);
    expect(violations(verdicts)).toEqual([]);
    for (const { executions } of verdicts) expect(executions).toBeGreaterThan(30);
  });

  test('whose sleepers are not counted is caught', () => {
    expect(violations(examineEvent(Event, 1, 0, uncounted))).toContainEqual(
      expect.stringMatching(/nobody is left to wake them/),
    );
  });

  test('releases a wait that had begun when it was set, although it was cleared at once', () => {
    const { violation, executions } = examinePulse(Event);
    expect([violation, executions > 10]).toEqual([undefined, true]);
  });

  test('that looks at the flag only misses a pulse, and is caught', () => {
    expect(examinePulse(LooksAtTheFlag).violation).toMatch(/nobody is left to wake them/);
  });
});
