import { expect, test } from 'vitest';
import { Arena } from '#src/memory/arena.js';
import type { Cells } from '#src/memory/cells.js';
import { CHUNK_MAP_ENTRY_BYTES, CHUNK_MAP_OFFSET, CLASS_COUNT, CLASS_HEADS_CELL, HEADER } from '#src/memory/layout.js';
import { SharedLab } from '../shared-lab.ts';
import { Interleavings, type Program, type Verdict, Violation, withoutCompareExchange } from './interleavings.ts';

type Wrap = (cells: Cells) => Cells;

/** Actors allocate and free pieces of one size, some of which lie free at the start: no piece has two owners, and none is lost. */
function examine(actors: number, freeAtStart: number, wrap: Wrap = (cells) => cells): Verdict {
  using lab = new SharedLab(actors);
  const interleavings = new Interleavings(true);
  const [first] = lab.memories;
  const held = new Map<number, number>();
  const arenas = lab.memories.map(
    ({ cells, segment, self }, actor) =>
      new Arena(wrap(interleavings.cells(actor, cells)), segment.sizeBytes, self, segment),
  );
  const program: Program = {
    reset() {
      const { cells, arena } = first ?? lab.memory(0);
      cells.store(HEADER.arenaTop, 0);
      cells.clear(CLASS_HEADS_CELL * 4, CLASS_COUNT * 3 * 4);
      cells.clear(CHUNK_MAP_OFFSET, 32 * CHUNK_MAP_ENTRY_BYTES);
      held.clear();
      const pieces = Array.from({ length: freeAtStart }, () => arena.allocate(64));
      for (const piece of pieces) arena.free(piece);
    },
    actors: arenas.map((arena, actor) => {
      let mine = 0;
      const allocate = (): void => {
        mine = arena.allocate(64);
        const other = held.get(mine);
        if (other !== undefined) throw new Violation(`actors ${other} and ${actor} own the piece at ${mine}`);
        held.set(mine, actor);
      };
      const free = (): void => {
        held.delete(mine);
        arena.free(mine);
      };
      if (actor === 0) return [allocate, free, allocate];
      return actor === 1 ? [allocate, free] : [allocate];
    }),
  };
  return interleavings.explore(program);
}

test.each([
  [2, 0],
  [2, 1],
  [2, 2],
  [3, 1],
])('%i actors never own the same piece, with %i free at the start', (actors, freeAtStart) => {
  const { executions, violation } = examine(actors, freeAtStart);
  expect(violation).toBeUndefined();
  expect(executions).toBeGreaterThan(500);
});

test.each([0, 1])(
  'an arena that loads and then stores gives a piece to two, and is caught (%i free at the start)',
  (freeAtStart) => {
    expect(examine(2, freeAtStart, withoutCompareExchange).violation).toMatch(/own the piece/);
  },
);
