/** How long a process looks at a cell before it sleeps, and when it offers the processor to others. */
import { describe, expect, test } from 'vitest';
import type { Cells } from '#src/memory/cells.js';
import { Lookout, type LookoutOptions, type Watched } from '#src/memory/lookout.js';
import { Patience } from '#src/memory/patience.js';
import type { Platform } from '#src/platform/platform.js';

const OPTIONS: LookoutOptions = { pauseTurns: 64, looksPerYield: 16, alone: false };

/** A cell that changes after so many looks, and a system on which an offer of the processor takes so long. */
function scene(changesAfter: number, yieldMs: number, options: Partial<LookoutOptions> = {}) {
  const seen = { looks: 0, yields: 0 };
  let nowMs = 0;
  const cells = { backOff: () => Number(++seen.looks > changesAfter) } as unknown as Cells;
  const platform = {
    yieldProcessor: () => {
      seen.yields++;
      nowMs += yieldMs;
    },
  } as unknown as Platform;
  const watched: Watched<string> = { cell: 0, expected: 0, attempt: () => 'there' };
  const patience = new Patience(1000);
  const lookout = new Lookout(cells, platform, { ...OPTIONS, now: () => nowMs, ...options });
  return { seen, patience, look: () => lookout.look(watched, patience) };
}

describe('beside a processor for who is waited for', () => {
  test('looks until there is something, and offers the processor now and then', () => {
    const { seen, look } = scene(40, 0);
    expect([look(), seen]).toEqual(['there', { looks: 41, yields: 2 }]);
  });

  test('gives up after a while, and learns that it was in vain', () => {
    const { seen, patience, look } = scene(Infinity, 0);
    expect([look(), seen]).toEqual([undefined, { looks: 1000, yields: 62 }]);
    expect(patience.next()).toBe(500);
  });

  test('tries again when the attempt came to nothing', () => {
    let attempts = 0;
    const cells = { backOff: () => 1 } as unknown as Cells;
    const watched: Watched<number> = {
      cell: 0,
      expected: 0,
      attempt: () => (++attempts === 3 ? attempts : undefined),
    };
    expect(new Lookout(cells, {} as Platform, OPTIONS).look(watched, new Patience(1000))).toBe(3);
  });

  test('whoever computes and keeps the processor ends the looking', () => {
    const { seen, patience, look } = scene(Infinity, 1);
    expect([look(), seen]).toEqual([undefined, { looks: 16, yields: 1 }]);
    expect(patience.next()).toBe(500);
  });
});

describe('on one processor with who is waited for', () => {
  test('offers it before each look, a few times', () => {
    const { seen, look } = scene(Infinity, 0, { alone: true });
    expect([look(), seen]).toEqual([undefined, { looks: 3, yields: 3 }]);
  });

  test('goes on offering what nobody took: it costs nothing', () => {
    const { seen, look } = scene(Infinity, 0, { alone: true });
    for (let i = 0; i < 10; i++) look();
    expect(seen.yields).toBe(30);
  });

  test('finds what was done meanwhile, however long that took', () => {
    const { seen, look } = scene(0, 1, { alone: true });
    expect([look(), seen]).toEqual(['there', { looks: 1, yields: 1 }]);
  });

  test('offers it ever more seldom where others take it, and nothing comes of that', () => {
    const { seen, look } = scene(Infinity, 1, { alone: true });
    for (let i = 0; i < 10; i++) look();
    expect(seen.yields).toBe(2);
  });
});
