import stringWidth from 'fast-string-width';
import { describe, expect, test } from 'vitest';
import { bigText, shortCount } from '#src/render/terminal/big-text.js';
import { countText, percentText } from '#src/render/terminal/race-text.js';
import { renderRace } from '#src/render/terminal/race.js';
import { plainStyle } from '#src/render/terminal/style.js';
import { freeRun, lockedRun, raceReport } from '../race-samples.js';

const ADAPTED = { fromIterations: 100_000_000, toIterations: 200_000_000, trialsWithoutLoss: 125 };
const REPORTS = {
  both: raceReport([freeRun(), lockedRun()]),
  'both, adapted': raceReport([freeRun({ adapted: ADAPTED, trials: 100 }), lockedRun({ trials: 100 })]),
  free: raceReport([freeRun()]),
  'free, adapted': raceReport([freeRun({ adapted: { ...ADAPTED, trialsWithoutLoss: 1 } })]),
  mutex: raceReport([lockedRun()]),
  atomic: raceReport([lockedRun({ lock: 'atomic', forced: null })]),
  inconclusive: raceReport(
    [freeRun({ lost: 0, lostPct: 0, actual: 400_000_000, witness: null, adapted: ADAPTED }), lockedRun()],
    'inconclusive',
  ),
  'one process': raceReport([freeRun({ processes: 1, lost: 0, lostPct: 0, witness: null })], 'inconclusive'),
  'a lock that loses': raceReport(
    [freeRun(), lockedRun({ lost: 3, lostPct: 0.0001, witness: freeRun().witness })],
    'lock-lost-updates',
  ),
};

describe.each(Object.entries(REPORTS))('the screen of a race: %s', (_name, report) => {
  test.each([
    ['plain', false, false],
    ['ascii', true, false],
    ['large', false, true],
    ['large ascii', true, true],
  ])('fits 80 columns and 24 lines: %s', (_kind, ascii, large) => {
    const text = renderRace(report, plainStyle(80, ascii), large);
    const lines = text.split('\n');
    expect(lines.pop()).toBe('');
    // One line is the prompt's.
    expect(lines.length).toBeLessThanOrEqual(23);
    for (const line of lines) {
      expect(stringWidth(line)).toBeLessThanOrEqual(80);
      expect(line).toBe(line.trimEnd());
      // oxlint-disable-next-line no-control-regex
      if (ascii) expect(line).toMatch(/^[\x20-\x7e]*$/);
    }
    expect(text).not.toMatch(/undefined|NaN|…/);
  });
});

test('the whole screen', () => {
  expect(`\n${renderRace(REPORTS.both, plainStyle(80, true), false)}`).toMatchInlineSnapshot(`
    "
    19.1 % of all updates LOST. With the mutex none, but 29 times as slow.
    2 processes, each adds 1 to one counter 200,000,000 times

                    NO LOCK                         MUTEX
                    ########################......  ##############################
    expected        400,000,000                     400,000,000
    actual          323,585,820                     400,000,000
    LOST            76,414,180 = 19.1 %             0  (a planted loss was seen)
    time            101 ms, 3940 million/s          2.89 s, 138 million/s

    SEEN            racer-1 (pid 4194303)           racer-2 (pid 4194304)
    increment no.   100,341,024                     1
    read            178,341,023                     178,341,023
    wrote           178,341,024                     178,341,024
    went on to      278,686,817, read 278,451,223   278,779,363, read 278,686,817
    Both read 178,341,023 and both wrote 178,341,024: of two increments one is gone.

    FORCED  counter racer-1 is stopped midway       racer-2 works meanwhile
                  0 read 0
                  0                                 read 0
                  1                                 wrote 1
                  1 wrote 1
    racer-1 wrote over racer-2's update: lost 10 of 10 times, with the mutex never.
    "
  `);
});

test('the verdict comes first', () => {
  const first = (report: (typeof REPORTS)['both']): string =>
    renderRace(report, plainStyle(), false).split('\n')[0] ?? '';
  expect(first(REPORTS.both)).toBe('19.1 % of all updates LOST. With the mutex none, but 29 times as slow.');
  expect(first(REPORTS.free)).toBe('19.1 % of all updates LOST: 76,414,180 of 400,000,000.');
  expect(first(REPORTS.mutex)).toBe('Nothing lost: with the mutex, all 400,000,000 updates arrived.');
  expect(first(REPORTS.inconclusive)).toMatch(/^INCONCLUSIVE/);
  expect(first(REPORTS['a lock that loses'])).toMatch(/^THE MUTEX LOST 3 of/);
  expect(first(raceReport([freeRun({ wallMs: 10 }), lockedRun({ wallMs: 5 })]))).toContain('and 2.0 times as fast');
});

test('a loss shows in the bar however small, and a bar is full only without one', () => {
  const barOf = (lost: number): string =>
    renderRace(raceReport([freeRun({ lost, lostPct: lost / 4e6 })]), plainStyle(80, true), false).split('\n')[4] ?? '';
  expect(barOf(0)).toMatch(/^ +#{64}$/);
  expect(barOf(1)).toMatch(/^ +#{63}\.$/);
  expect(barOf(400_000_000)).toMatch(/^ +\.{64}$/);
});

test('colour changes no width and marks what was lost', () => {
  const paint = (code: number) => (text: string) => `\u001B[${code}m${text}\u001B[39m`;
  const style = { ...plainStyle(), bold: paint(1), dim: paint(2), good: paint(32), bad: paint(31), name: paint(36) };
  // oxlint-disable-next-line no-control-regex
  const stripped = renderRace(REPORTS.both, style, false).replaceAll(/\u001B\[\d+m/g, '');
  expect(stripped).toBe(renderRace(REPORTS.both, plainStyle(), false));
  expect(renderRace(REPORTS.both, style, false)).toContain('\u001B[31m76,414,180 = 19.1 %');
});

test('wide characters count as wide', () => {
  const process = { name: '竞争者-1', pid: 1 };
  const { witness } = freeRun();
  if (witness === null) throw new Error('the sample has a witness');
  const report = raceReport([
    freeRun({ witness: { ...witness, processes: [{ ...witness.processes[0], ...process }, witness.processes[1]] } }),
  ]);
  const line = renderRace(report, plainStyle(), false)
    .split('\n')
    .find((each) => each.startsWith('SEEN'));
  expect(stringWidth(line?.slice(0, line.indexOf('racer-2')) ?? '')).toBe(48);
});

test.each([
  [0, '0'],
  [9999, '9999'],
  [10_000, '10K'],
  [764_999, '764K'],
  [7_699_999, '7.6M'],
  [16_900_000, '16M'],
  [999_999_999, '999M'],
  [1_999_999_999, '1.9G'],
  [-3, '-3'],
])('%d is short for %s', (count, short) => {
  expect(shortCount(count)).toBe(short);
  const lines = bigText(short, { columns: 2, lines: 2 }, true);
  expect(lines).toHaveLength(10);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(38);
});

test('figures as people write them', () => {
  expect([0, 999, 1000, 1_234_567].map(countText)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect([0, 0.01, 0.1, 38.26, 99.99, 100].map(percentText)).toEqual([
    '0.0 %',
    'under 0.1 %',
    '0.1 %',
    '38.3 %',
    '99.9 %',
    '100.0 %',
  ]);
});
