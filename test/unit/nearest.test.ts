import { expect, test } from 'vitest';
import { nearest } from '#src/core/nearest.js';

const NAMES = ['raw-counter', 'value-array', 'manager-dict', 'lost-update'];

test.each([
  ['raw-counter', 'raw-counter'],
  ['raw-countr', 'raw-counter'],
  ['raw-conuter', 'raw-counter'],
  ['Raw_Counter', 'raw-counter'],
  ['value-arrays', 'value-array'],
  ['raw', 'raw-counter'],
  ['manager-dcit', 'manager-dict'],
])('%s means %s', (typed, meant) => {
  expect(nearest(typed, NAMES)).toBe(meant);
});

test.each([['xyz'], ['philosophers'], ['counter-of-something-else']])('%s means nothing here', (typed) => {
  expect(nearest(typed, NAMES)).toBeUndefined();
});

test('of two candidates the nearer wins, of equals the first', () => {
  expect(nearest('abcx', ['abcyz', 'abcy'])).toBe('abcy');
  expect(nearest('abc', ['abd', 'abe'])).toBe('abd');
  expect(nearest('abc', [])).toBeUndefined();
});
