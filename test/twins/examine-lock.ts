import type { Cells } from '#src/memory/cells.js';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import type { Holdable } from '#src/primitives/holdable.js';
import { bodyCell } from '#src/primitives/primitive.js';
import { RLock } from '#src/primitives/rlock.js';
import { SharedLab } from '../shared-lab.ts';
import { Interleavings, type Verdict, Violation } from './interleavings.ts';
import { steppedMemory } from './stepped-memory.ts';

export type LockClass<L extends Holdable = Holdable> = new (memory: LabMemory, offset: number) => L;
export type Wrap = (cells: Cells) => Cells;

export const asItIs: Wrap = (cells) => cells;

/** Where a lock of a kind lies, and how it becomes free again. */
export interface Place {
  make(memory: LabMemory): number;
  reset(memory: LabMemory, offset: number): void;
}

/** Of a lock that is a word, and perhaps a cell behind it. */
const oneWord: Place = {
  make: (memory) => RLock.create(memory)[SHARED_OBJECT],
  reset({ cells }, offset) {
    cells.store(bodyCell(offset), 0);
    cells.store(bodyCell(offset) + 1, 0);
  },
};

/** Each actor acquires and releases the lock once: nobody is ever inside beside another, and nobody sleeps for ever. */
export function examine(Kind: LockClass, actors: number, wrap: Wrap = asItIs, place: Place = oneWord): Verdict[] {
  using lab = new SharedLab(actors);
  const memory = lab.memory(0);
  const offset = place.make(memory);
  return [true, false].map((wakeNewest) => {
    const interleavings = new Interleavings(wakeNewest);
    let inside: number | undefined;
    return interleavings.explore({
      reset() {
        place.reset(memory, offset);
        inside = undefined;
      },
      actors: lab.memories.map((each, actor) => {
        const lock = new Kind(steppedMemory(each, wrap(interleavings.cells(actor, each.cells))), offset);
        return [
          () => {
            lock.acquire();
            if (inside !== undefined) throw new Violation(`actor ${actor} is inside beside actor ${inside}`);
            inside = actor;
          },
          () => {
            inside = undefined;
            lock.release();
          },
        ];
      }),
    });
  });
}

/** What went wrong in any of them. */
export function violations(verdicts: readonly Verdict[]): string[] {
  return verdicts.flatMap(({ violation }) => violation ?? []);
}
