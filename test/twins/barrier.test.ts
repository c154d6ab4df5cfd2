/** Actors meet at a barrier round after round, and read and write under one lock, in every interleaving that nesting reaches. */
import { describe, expect, test } from 'vitest';
import type { Cells } from '#src/memory/cells.js';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { Barrier } from '#src/primitives/barrier.js';
import { bodyCell } from '#src/primitives/primitive.js';
import { RwLock } from '#src/primitives/rw-lock.js';
import { UNOWNED_CELLS } from '#src/primitives/unowned.js';
import { PHASE, WAIT_LIST_CELLS } from '#src/primitives/wait-list.js';
import { SharedLab } from '../shared-lab.ts';
import { Interleavings, sleepingBlindly, type Verdict, Violation } from './interleavings.ts';
import { steppedMemory } from './stepped-memory.ts';

/** So long that it never passes; with it, a wait does not ask whether anybody is left. */
const LONG_MS = 1e9;
const BYTES = (UNOWNED_CELLS + WAIT_LIST_CELLS) * 4;

/** Puts an object, and the guard it refers to, back into its first state. */
function fresh(memory: LabMemory, offset: number): () => void {
  const { cells } = memory;
  const body = bodyCell(offset);
  const bytes = new Uint8Array(BYTES);
  cells.copyOut(body * 4, bytes);
  const guard = bodyCell(cells.load(body) >>> 0);
  return () => {
    cells.copyIn(body * 4, bytes);
    cells.store(guard, 0);
    cells.store(guard + 1, 0);
  };
}

type Wrap = (cells: Cells) => Cells;

const asItIs: Wrap = (cells) => cells;

/** Does not wait for the last one. */
class OneTooFew extends Barrier {
  override get parties(): number {
    return super.parties - 1;
  }
}

/** Asks nobody whether it may read. */
class ReadsBesideWriters extends RwLock {
  override enter(verb: 'read' | 'write'): { entry: number; held: boolean } {
    if (verb === 'write') return super.enter(verb);
    return { entry: this.guarded(() => this.list.enrol(PHASE.reading)), held: true };
  }
}

/** Reads as long as nobody writes, whoever waits to. */
class OvertakesWriters extends RwLock {
  override tryAcquireRead(): boolean {
    return this.guarded(() => {
      if (this.list.inPhase(PHASE.writing).length > 0) return false;
      this.list.enrol(PHASE.reading);
      return true;
    });
  }
}

/** Each comes to as many rounds: nobody is ever a round ahead of one who has not come. */
function examineBarrier(actors: number, rounds: number, Kind = Barrier, wrap = asItIs): Verdict[] {
  using lab = new SharedLab(actors);
  const memory = lab.memory(0);
  const offset = Barrier.create(memory, actors)[SHARED_OBJECT];
  const reset = fresh(memory, offset);
  return [true, false].map((wakeNewest) => {
    const interleavings = new Interleavings(wakeNewest);
    const barriers = lab.memories.map(
      (each, actor) => new Kind(steppedMemory(each, wrap(interleavings.cells(actor, each.cells))), offset),
    );
    const come = barriers.map(() => 0);
    return interleavings.explore({
      reset() {
        reset();
        come.fill(0);
      },
      actors: barriers.map((barrier, actor) =>
        Array.from({ length: rounds }, (_, round) => () => {
          come[actor] = round + 1;
          barrier.wait(LONG_MS);
          if (come.some((each) => each <= round)) throw new Violation(`actor ${actor} went on alone`);
        }),
      ),
    });
  });
}

/** Sees more than its users do. */
class Watcher extends RwLock {
  get hasWaitingWriter(): boolean {
    return this.list.inPhase(PHASE.waitingToWrite).length > 0;
  }
}

/** One writes and the others read, once each. A writer that waits is never overtaken. */
function examineRwLock(actors: number, Kind = RwLock, wrap = asItIs): Verdict[] {
  using lab = new SharedLab(actors);
  const memory = lab.memory(0);
  const offset = RwLock.create(memory)[SHARED_OBJECT];
  const reset = fresh(memory, offset);
  return [true, false].map((wakeNewest) => {
    const interleavings = new Interleavings(wakeNewest);
    const locks = lab.memories.map(
      (each, actor) => new Kind(steppedMemory(each, wrap(interleavings.cells(actor, each.cells))), offset),
    );
    const watcher = new Watcher(memory, offset);
    const inside = { read: 0, write: 0 };
    return interleavings.explore({
      reset() {
        reset();
        [inside.read, inside.write] = [0, 0];
      },
      actors: locks.map((lock, actor) => {
        const side = actor === 0 ? 'write' : 'read';
        return [
          () => {
            const overtakes = side === 'read' && watcher.hasWaitingWriter;
            if (side === 'write') lock.acquireWrite(LONG_MS);
            else if (!overtakes) lock.acquireRead(LONG_MS);
            else if (lock.tryAcquireRead() && watcher.hasWaitingWriter)
              throw new Violation('a reader overtook a writer that waited');
            else return;
            inside[side]++;
            if (inside.write > 0 && inside.read + inside.write > 1) throw new Violation('a writer is not alone');
          },
          () => {
            if (inside[side] === 0) return;
            inside[side]--;
            if (side === 'write') lock.releaseWrite();
            else lock.releaseRead();
          },
        ];
      }),
    });
  });
}

/** One reads and another waits to write: whether a third may read now. */
function letsOvertake(Kind: typeof RwLock): boolean {
  using lab = new SharedLab(3);
  const offset = RwLock.create(lab.memory(0))[SHARED_OBJECT];
  const [reads, writes, comes] = lab.memories.map((memory) => new Kind(memory, offset));
  reads?.acquireRead();
  writes?.enter('write');
  return comes?.tryAcquireRead() ?? false;
}

const ASLEEP = expect.stringMatching(/nobody is left to wake them/) as string;

function violations(verdicts: readonly Verdict[]): string[] {
  return verdicts.flatMap(({ violation }) => violation ?? []);
}

describe('a barrier', () => {
  test.each([
    [2, 1],
    [2, 2],
  ])('keeps %i actors in step for %i rounds', (actors, rounds) => {
    const verdicts = examineBarrier(actors, rounds);
    expect(violations(verdicts)).toEqual([]);
    for (const { executions } of verdicts) expect(executions).toBeGreaterThan(20);
  });

  test('that does not wait for the last one is caught', () => {
    expect(violations(examineBarrier(2, 1, OneTooFew))).toContainEqual(expect.stringMatching(/went on alone/));
  });
});

describe('a readers-writer lock', () => {
  test('lets one write or another read', () => {
    const verdicts = examineRwLock(2);
    expect(violations(verdicts)).toEqual([]);
    for (const { executions } of verdicts) expect(executions).toBeGreaterThan(20);
  });

  test('that lets one read beside a writer is caught', () => {
    expect(violations(examineRwLock(2, ReadsBesideWriters))).toContainEqual('a writer is not alone');
  });

  test('that lets one read before a writer that waits is caught', () => {
    expect([letsOvertake(RwLock), letsOvertake(OvertakesWriters)]).toEqual([false, true]);
  });

  test('whose sleepers do not look again before they sleep is caught', () => {
    expect(violations(examineRwLock(2, RwLock, sleepingBlindly))).toContainEqual(ASLEEP);
  });
});
