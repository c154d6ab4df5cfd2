import { describe, expect, test } from 'vitest';
import type { Cells } from '#src/memory/cells.js';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { RawArray } from '#src/primitives/raw-array.js';
import type { IntegerCode } from '#src/primitives/type-code.js';
import { SharedLab } from '../shared-lab.ts';
import { Interleavings, type Verdict, Violation, withoutCompareExchange } from './interleavings.ts';

/** One actor adds to an element, one to the same or to its neighbour, the third changes the neighbour plainly. */
function examine(code: IntegerCode, second: number, wrap: (cells: Cells) => Cells): Verdict {
  using lab = new SharedLab(3);
  const one = (code === 'q' || code === 'Q' ? 1n : 1) as never;
  const shared = RawArray.create(lab.memory(0), code, 3);
  const interleavings = new Interleavings(true);
  let left = 0;
  const arrays = lab.memories.map((memory, actor) => {
    const stepped = Object.create(memory, {
      cells: { value: wrap(interleavings.cells(actor, memory.cells)) },
    }) as typeof memory;
    return RawArray.attach(stepped, shared[SHARED_OBJECT]) as unknown as RawArray<'i'>;
  });
  const finish = (work: () => void): (() => void) => {
    return () => {
      work();
      if (--left > 0) return;
      const sum = Number(shared.get(0)) + Number(shared.get(1));
      if (sum !== 2 || Number(shared.get(2)) !== 7) throw new Violation(`${String(shared)}: something was undone`);
    };
  };
  return interleavings.explore({
    reset() {
      for (let i = 0; i < 3; i++) shared.set(i, code === 'q' || code === 'Q' ? 0n : 0);
      left = 3;
    },
    actors: [
      [finish(() => void arrays[0]?.add(0, one))],
      [finish(() => void arrays[1]?.add(second, one))],
      [finish(() => arrays[2]?.set(2, (code === 'q' || code === 'Q' ? 7n : 7) as never))],
    ],
  });
}

describe.each([
  ['B', 0],
  ['B', 1],
  ['h', 1],
  ['I', 0],
  ['Q', 0],
] as const)('adding to elements 0 and of %s at %i', (code, second) => {
  test('undoes nothing that another does meanwhile, in any interleaving', () => {
    const { violation, executions } = examine(code, second, (cells) => cells);
    expect(violation).toBeUndefined();
    expect(executions).toBeGreaterThan(5);
  });

  test.skipIf(code === 'I')('is caught when it loads and then stores', () => {
    expect(examine(code, second, withoutCompareExchange).violation).toMatch(/undone/);
  });
});
