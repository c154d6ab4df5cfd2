import { expect, test } from 'vitest';
import { jsonValue } from '#src/report/json-value.js';

test.each<[string, unknown, unknown]>([
  ['undefined', undefined, null],
  ['null', null, null],
  ['a number', 1.5, 1.5],
  ['NaN', Number.NaN, 'NaN'],
  ['an infinity', Number.NEGATIVE_INFINITY, '-Infinity'],
  ['a bigint', 2n ** 64n - 1n, '18446744073709551615'],
  ['text', '共享', '共享'],
  ['a boolean', false, false],
  ['an array with undefined', [1, undefined, [2n]], [1, null, ['2']]],
  ['a typed array', Uint8Array.of(1, 2), [1, 2]],
  ['a 64-bit typed array', BigInt64Array.of(-1n), ['-1']],
  ['a data view', new DataView(new ArrayBuffer(1)), null],
  [
    'a map',
    new Map<unknown, unknown>([
      ['a', 1n],
      [{ b: 1 }, undefined],
    ]),
    [
      ['a', '1'],
      [{ b: 1 }, null],
    ],
  ],
  ['a set', new Set([1, Number.NaN]), [1, 'NaN']],
  ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
  ['an error', new RangeError('far'), { name: 'RangeError', message: 'far' }],
  ['a record', { a: { b: [undefined] } }, { a: { b: [null] } }],
  ['a property named __proto__', JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}')],
])('%s has a place in JSON', (_name, value, expected) => {
  const shown = jsonValue(value);
  expect(shown).toEqual(expected);
  expect(JSON.parse(JSON.stringify(shown))).toEqual(expected);
});

test('a cycle is cut where it closes, so that a result with one can still be reported', () => {
  const value: Record<string, unknown> = { n: 1 };
  value['self'] = value;
  value['list'] = [value];
  value['twice'] = [{ a: 1 }].flatMap((each) => [each, each]);
  expect(jsonValue(value)).toEqual({ n: 1, self: '[circular]', list: ['[circular]'], twice: [{ a: 1 }, { a: 1 }] });
});
