import { describe, expect, test } from 'vitest';
import { isIpcError } from '#src/core/errors.js';
import { SLOT_STATE } from '#src/memory/slot-layout.js';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { Lock } from '#src/primitives/lock.js';
import type { OwnedLock } from '#src/primitives/owned-lock.js';
import { RLock } from '#src/primitives/rlock.js';
import { bodyCell } from '#src/primitives/primitive.js';
import { SharedLab } from '../shared-lab.ts';
import { asItIs, examine, type LockClass, violations, type Wrap } from './examine-lock.ts';
import { Interleavings, type Verdict, Violation, withoutCompareExchange } from './interleavings.ts';
import { LockWithoutWaitersBit } from './lock-without-waiters-bit.ts';
import { steppedMemory } from './stepped-memory.ts';

/** A process dies holding the lock; two actors want to take it over, and a third has slept on it before or after: one gets it, the third is woken. */
function examineTakeOver(Kind: LockClass<OwnedLock>, wrap: Wrap = asItIs): Verdict {
  using lab = new SharedLab(4);
  const memory = lab.memory(0);
  const offset = RLock.create(memory)[SHARED_OBJECT];
  const dead = lab.memory(3).self;
  const interleavings = new Interleavings(true);
  let winners = 0;
  return interleavings.explore({
    reset() {
      memory.cells.store(bodyCell(offset), dead << 1);
      memory.cells.store(bodyCell(offset) + 1, 1);
      memory.cells.store(memory.slots.stateCell(dead), SLOT_STATE.claimed);
      winners = 0;
    },
    actors: lab.memories.slice(0, 3).map((each, actor) => {
      const lock = new Kind(steppedMemory(each, wrap(interleavings.cells(actor, each.cells))), offset);
      const acquireOrFail = (): void => {
        try {
          lock.acquire();
        } catch (error) {
          if (isIpcError(error, 'ERR_IPC_OWNER_DIED')) return;
          throw error;
        }
        lock.release();
      };
      const takeOver = (): void => {
        if (!lock.takeOver()) return;
        if (++winners > 1) throw new Violation(`actor ${actor} took over what another had taken over`);
        lock.release();
      };
      if (actor === 2) return [acquireOrFail];
      return actor === 0 ? [() => lab.die(3), takeOver] : [takeOver];
    }),
  });
}

describe.each([
  ['Lock', Lock],
  ['RLock', RLock],
])('%s', (_name, Kind) => {
  test.each([2, 3])('lets one of %i actors in at a time and loses no wake-up, in any interleaving', (actors) => {
    const verdicts = examine(Kind, actors);
    expect(violations(verdicts)).toEqual([]);
    for (const { executions } of verdicts) expect(executions).toBeGreaterThan(actors === 2 ? 30 : 1000);
  });

  test('of a dead process goes to one of those who take it over, and nobody sleeps on', () => {
    const { violation, executions } = examineTakeOver(Kind);
    expect(violation).toBeUndefined();
    expect(executions).toBeGreaterThan(30);
    expect(examineTakeOver(Kind, withoutCompareExchange).violation).toBeDefined();
  });

  test('that loads and then stores instead of exchanging is caught', () => {
    expect(violations(examine(Kind, 2, withoutCompareExchange))).not.toEqual([]);
  });
});

describe('a lock whose slow path forgets the other sleepers', () => {
  test('passes with two actors', () => {
    expect(violations(examine(LockWithoutWaitersBit, 2))).toEqual([]);
  });

  test('loses a wake-up with three, and is caught', () => {
    expect(violations(examine(LockWithoutWaitersBit, 3))).toContainEqual(
      expect.stringMatching(/sleep, and nobody is left to wake them/),
    );
  });
});
