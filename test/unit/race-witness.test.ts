import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countLost } from '#src/race/count.js';
import { LOG_CELLS, ReadLog, type ReadRun, readRuns } from '#src/race/read-log.js';
import { findWitness } from '#src/race/witness.js';

/** A race of `processes` on paper: `schedule` says who takes the next step, a load or the store that belongs to it. */
function raceOnPaper(
  processes: number,
  schedule: readonly number[],
): { lost: number; reads: number[][]; runs: ReadRun[] } {
  const cells = Array.from({ length: processes }, () => new Int32Array(LOG_CELLS));
  const logs = cells.map((each) => new ReadLog(each));
  for (const log of logs) log.begin();
  const reads: number[][] = cells.map(() => []);
  const pending: (number | undefined)[] = cells.map(() => undefined);
  let counter = 0;
  const step = (process: number): void => {
    const read = pending[process];
    if (read === undefined) {
      pending[process] = counter;
      return;
    }
    counter = read + 1;
    pending[process] = undefined;
    logs[process]?.note(reads[process]?.length ?? 0, read);
    reads[process]?.push(read);
  };
  for (const process of schedule) step(process);
  for (const [process, read] of pending.entries()) if (read !== undefined) step(process);
  for (const [process, log] of logs.entries()) log.end(reads[process]?.length ?? 0);
  const expected = reads.reduce((sum, each) => sum + each.length, 0);
  return { lost: countLost(expected, counter), reads, runs: cells.flatMap((each, process) => readRuns(process, each)) };
}

const schedules = fc
  .integer({ min: 2, max: 4 })
  .chain((processes) =>
    fc.tuple(fc.constant(processes), fc.array(fc.integer({ min: 0, max: processes - 1 }), { maxLength: 200 })),
  );

describe('the log', () => {
  test('tells all that was read, though it holds only the breaks', () => {
    fc.assert(
      fc.property(schedules, ([processes, schedule]) => {
        const { reads, runs } = raceOnPaper(processes, schedule);
        const told: number[][] = reads.map(() => []);
        for (const { process, iteration, value, length } of runs) {
          expect(told[process]).toHaveLength(iteration);
          for (let i = 0; i < length; i++) told[process]?.push(value + i);
        }
        expect(told).toEqual(reads);
      }),
    );
  });

  test('tells the beginning when it was too small', () => {
    const cells = new Int32Array(LOG_CELLS);
    const log = new ReadLog(cells);
    log.begin();
    for (let i = 0; i < LOG_CELLS; i++) log.note(i, 10 * i);
    log.end(LOG_CELLS);
    const runs = readRuns(0, cells);
    expect(runs).toHaveLength((LOG_CELLS - 2) / 2);
    expect(runs.every(({ iteration, value, length }) => value === 10 * iteration && length === 1)).toBe(true);
  });

  test('begins anew for the next race', () => {
    const cells = new Int32Array(LOG_CELLS);
    const log = new ReadLog(cells);
    for (const first of [5, 7]) {
      log.begin();
      log.note(0, first);
      log.end(1);
    }
    expect(readRuns(3, cells)).toEqual([{ process: 3, iteration: 0, value: 7, length: 1 }]);
  });
});

describe('the witness', () => {
  test('is found exactly when something was read twice, and always when an update was lost', () => {
    fc.assert(
      fc.property(schedules, ([processes, schedule]) => {
        const { lost, reads, runs } = raceOnPaper(processes, schedule);
        const all = reads.flat().toSorted((a, b) => a - b);
        const smallestTwice = all.find((value, i) => all[i + 1] === value);
        const found = findWitness(runs);
        expect(found?.value).toBe(smallestTwice);
        if (lost > 0) expect(found).toBeDefined();
        if (found === undefined) return;
        const [a, b] = found.readers;
        expect(a.process).toBeLessThan(b.process);
        for (const { process, iteration, reached, thenRead } of found.readers) {
          expect(reads[process]?.[iteration]).toBe(found.value);
          const next = iteration + reached - found.value;
          expect(reads[process]?.[next - 1]).toBe(reached - 1);
          expect(reads[process]?.[next]).toBe(thenRead);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('is absent where nobody interfered', () => {
    expect(findWitness([])).toBeUndefined();
    expect(
      findWitness([
        { process: 0, iteration: 0, value: 0, length: 100 },
        { process: 1, iteration: 0, value: 100, length: 100 },
        { process: 1, iteration: 100, value: 50, length: 0 },
      ]),
    ).toBeUndefined();
  });

  test('is never one process against itself', () => {
    const self = { process: 0, iteration: 0, value: 0, length: 100 };
    expect(findWitness([self, { ...self, iteration: 100, value: 10, length: 5 }])).toBeUndefined();
    const other = { process: 1, iteration: 0, value: 60, length: 1 };
    expect(findWitness([self, { ...self, iteration: 100, value: 10, length: 5 }, other])?.value).toBe(60);
    const longest = { process: 0, iteration: 0, value: 5, length: 100 };
    expect(findWitness([{ ...other, value: 0, length: 8 }, longest])?.value).toBe(5);
  });
});

test('the count is what was added less what arrived', () => {
  expect(countLost(20, 20)).toBe(0);
  expect(countLost(20, 19)).toBe(1);
  expect(countLost(2, 3)).toBe(-1);
});
