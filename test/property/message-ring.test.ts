import { describe, expect, test } from 'vitest';
import { MessageRing, RING_CELLS, UNBOUNDED } from '#src/primitives/message-ring.js';
import { SharedLab } from '../shared-lab.ts';
import { examineAgainstModel, examineDeaths, STARTS } from '../twins/ring-examination.ts';

test('a ring is an array with a bound, as two processes see it, also where its counters wrap', () => {
  examineAgainstModel(MessageRing, 200);
});

test.each(STARTS)('a ring that starts at %i survives a death at every store of a put and a take', (start) => {
  examineDeaths(MessageRing, start);
});

describe('a process that looks again after 4 GiB have passed', () => {
  const SIZE = 512;
  const base = (lab: SharedLab): number => {
    const { arena, cells } = lab.memory(0);
    const baseCell = arena.allocate(RING_CELLS * 4) / 4;
    MessageRing.initialize(cells, baseCell, arena.allocate(SIZE), SIZE, UNBOUNDED);
    return baseCell;
  };
  /** As if a whole turn of the counters less `bytes` had gone through the empty ring by other processes: only where they stand remains. */
  const turn = (lab: SharedLab, baseCell: number, bytes: number): void => {
    const { cells } = lab.memory(1);
    const ring = new MessageRing(cells, baseCell);
    for (let cell = 0; cell < RING_CELLS; cell++) {
      const value = cells.load(baseCell + cell);
      if ([9, 10, 16, 32, 34].includes(cell)) cells.store(baseCell + cell, value - bytes);
    }
    expect([ring.empty, ring.count]).toEqual([true, 0]);
  };

  test('takes nothing out of an empty ring', () => {
    using lab = new SharedLab(2);
    const baseCell = base(lab);
    const sleeper = new MessageRing(lab.memory(0).cells, baseCell);
    for (const bytes of [8, 256, 2 ** 31 - 8, 2 ** 31 + 8]) {
      sleeper.reserve(1, 100, 0);
      sleeper.commit();
      sleeper.peek();
      sleeper.take();
      turn(lab, baseCell, bytes);
      expect(sleeper.peek(), `${bytes} bytes less than a turn`).toBeUndefined();
    }
  });

  test('puts nothing over what is not taken yet', () => {
    using lab = new SharedLab(2);
    for (const bytes of [8, 256, 2 ** 31 - 8, 2 ** 31 + 8]) {
      const baseCell = base(lab);
      const sleeper = new MessageRing(lab.memory(0).cells, baseCell);
      const others = new MessageRing(lab.memory(1).cells, baseCell);
      sleeper.reserve(1, 0, 0);
      sleeper.commit();
      others.peek();
      others.take();
      turn(lab, baseCell, bytes);
      let put = 0;
      for (; others.reserve(1, 48, put) !== undefined; put++) others.commit();
      expect(sleeper.reserve(1, 48, 0), `${bytes} bytes less than a turn`).toBeUndefined();
      for (let taken = 0; taken < put; taken++) {
        expect(others.peek()?.number).toBe(taken);
        others.take();
      }
    }
  });
});
