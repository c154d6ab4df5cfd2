import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { RawArray } from '#src/primitives/raw-array.js';
import { RawValue } from '#src/primitives/raw-value.js';
import { SharedArray } from '#src/primitives/shared-array.js';
import { SharedValue } from '#src/primitives/shared-value.js';
import type { TypeCode } from '#src/primitives/type-code.js';
import { SharedLab } from '../shared-lab.ts';
import { SAMPLES, TYPE_CODES } from '../type-code-samples.ts';

let lab: SharedLab;
let memory: LabMemory;

beforeEach(() => {
  lab = new SharedLab(2);
  memory = lab.memory(0);
});
afterEach(() => lab[Symbol.dispose]());

describe.each(TYPE_CODES.map((code) => [code]))('type code %s', (code) => {
  test('holds every sample, in each of the four, as another process sees it', () => {
    const samples = SAMPLES[code] as readonly never[];
    const made = [
      RawValue.create(memory, code),
      SharedValue.create(memory, code),
      RawArray.create(memory, code, samples),
      SharedArray.create(memory, code, samples),
    ] as const;
    const [rawValue, value, rawArray, array] = lab.send(made, 0, 1);
    for (const sample of samples) {
      made[0].value = sample;
      made[1].value = sample;
      expect([rawValue.value, value.value]).toEqual([sample, sample]);
    }
    expect([...rawArray]).toEqual(samples);
    expect(array.slice()).toEqual(samples);
    expect([rawValue.code, value.code, rawArray.code, array.code]).toEqual([code, code, code, code]);
    for (const each of [rawValue, value, rawArray, array]) expect(each.toString()).toContain(`('${code}', `);
  });

  test('starts at zero', () => {
    const zero = code === 'c' ? '\0' : code === 'q' || code === 'Q' ? 0n : 0;
    expect(RawValue.create(memory, code).value).toBe(zero);
    expect(SharedValue.create(memory, code).value).toBe(zero);
    expect([...RawArray.create(memory, code, 3)]).toEqual([zero, zero, zero]);
    expect([...SharedArray.create(memory, code, 3)]).toEqual([zero, zero, zero]);
  });

  test('its view is the memory itself', () => {
    const array = RawArray.create(memory, code, SAMPLES[code] as readonly never[]);
    const [theirs] = lab.send([array], 0, 1);
    const view = array.view();
    expect(view).toHaveLength(array.length);
    view[1] = view[2] as never;
    expect(theirs?.get(1)).toEqual(theirs?.get(2));
  });
});

describe('what a type cannot hold', () => {
  test.each<[TypeCode, number | bigint, number | bigint]>([
    ['b', 128, -128],
    ['b', 3.9, 3],
    ['B', -1, 255],
    ['B', 256, 0],
    ['h', 32_768, -32_768],
    ['H', -1, 65_535],
    ['i', 2 ** 31, -(2 ** 31)],
    ['i', Number.NaN, 0],
    ['i', Number.POSITIVE_INFINITY, 0],
    ['I', -1, 2 ** 32 - 1],
    ['q', 2n ** 63n, -(2n ** 63n)],
    ['Q', -1n, 2n ** 64n - 1n],
    ['f', 0.1, Math.fround(0.1)],
  ])('a raw %s stores %s as the hardware does: %s', (code, value, stored) => {
    expect(RawValue.create(memory, code, value as never).value).toBe(stored);
    const array = RawArray.create(memory, code, 1);
    array.set(0, value);
    expect(array.get(0)).toBe(stored);
  });

  test('a shared value or array refuses, and stays as it was', () => {
    const value = SharedValue.create(memory, 'B', 7, { name: 'byte' });
    const array = SharedArray.create(memory, 'i', [1, 2, 3], { name: 'numbers' });
    expect(() => (value.value = 256)).toThrow("byte is of type 'B' (Uint8), which holds 0 to 255, not 256");
    expect(() => (value.value = 0.5)).toThrow(expect.objectContaining({ code: 'ERR_IPC_INVALID_ARGUMENT' }));
    expect(() => array.set(1, 2 ** 31)).toThrow(/^element 1 of numbers is of type 'i'/);
    expect(() => array.assign([9, 9, 0.5])).toThrow(/^element 2 of numbers is of type 'i'/);
    expect([value.value, ...array]).toEqual([7, 1, 2, 3]);
    expect([value.getLock().locked, array.getLock().locked]).toEqual([false, false]);
  });

  test('nothing stays allocated for what is refused when it is made', () => {
    const used = memory.arena.usedBytes();
    expect(() => SharedValue.create(memory, 'B', 256, { name: 'x' })).toThrow(/x is of type 'B'/);
    expect(() => SharedArray.create(memory, 'B', [1, 256])).toThrow(/element 1 of the array/);
    expect(() => RawValue.create(memory, 'q', 5 as never, { name: 'x' })).toThrow('bigint');
    expect(() => RawArray.create(memory, 'q', [1n, 5 as never])).toThrow('bigint');
    expect(() => RawValue.create(memory, 'z' as never)).toThrow(/no type code/);
    expect(() => RawArray.create(memory, 'i', -1)).toThrow(/the length of an array must be a whole number/);
    expect(() => RawArray.create(memory, 'i', 1.5)).toThrow(
      expect.objectContaining({ code: 'ERR_IPC_INVALID_ARGUMENT' }),
    );
    expect(memory.arena.usedBytes()).toBe(used);
  });
});

describe.each([
  ['RawArray', (elements: number[]) => RawArray.create(memory, 'i', elements)],
  ['SharedArray', (elements: number[]) => SharedArray.create(memory, 'i', elements)],
])('a %s', (_kind, make) => {
  test('is read and written by index, from the end too', () => {
    const array = make([1, 2, 3]);
    expect([array.get(0), array.get(-1), array.get(-3)]).toEqual([1, 3, 1]);
    array.set(-2, 20);
    expect([...array]).toEqual([1, 20, 3]);
  });

  test.each([3, -4, 0.5, Number.NaN, 1n, Symbol('s'), Number.POSITIVE_INFINITY, 2 ** 32, '0', undefined])(
    'refuses the index %s',
    (index) => {
      const array = make([1, 2, 3]);
      expect(() => array.get(index as number)).toThrow(expect.objectContaining({ code: 'ERR_IPC_OUT_OF_RANGE' }));
      expect(() => array.set(index as number, 1)).toThrow(expect.objectContaining({ code: 'ERR_IPC_OUT_OF_RANGE' }));
      expect([...array]).toEqual([1, 2, 3]);
    },
  );

  test('is sliced and assigned as a range', () => {
    const array = make([1, 2, 3, 4]);
    expect([array.slice(), array.slice(1, 3), array.slice(-2), array.slice(3, 1), array.slice(9)]).toEqual([
      [1, 2, 3, 4],
      [2, 3],
      [3, 4],
      [],
      [],
    ]);
    array.assign([20, 30], 1);
    expect([...array]).toEqual([1, 20, 30, 4]);
    array.assign(new Set([5]), 3);
    expect(array.get(3)).toBe(5);
  });

  test.each([
    [[1, 2, 3, 4, 5], 0],
    [[1], 4],
    [[1, 2], -1],
    [[1], 0.5],
    [[1], Number.NaN],
  ])('refuses to assign %j from index %s on, and stays as it was', (elements, start) => {
    const array = make([9, 9, 9, 9]);
    expect(() => array.assign(elements, start)).toThrow(expect.objectContaining({ code: 'ERR_IPC_OUT_OF_RANGE' }));
    expect([...array]).toEqual([9, 9, 9, 9]);
  });

  test('may be empty', () => {
    const array = make([]);
    expect([array.length, [...array], array.slice()]).toEqual([0, [], []]);
    expect(() => array.get(0)).toThrow(/It is empty|not in an array of 0/);
  });

  test('refuses a length that does not fit into the lab', () => {
    expect(() => make(Array.from({ length: 2_000_000 }, () => 0))).toThrow(
      expect.objectContaining({ code: 'ERR_IPC_OUT_OF_MEMORY' }),
    );
  });
});

test('a text of characters is an array of c', () => {
  expect([...RawArray.create(memory, 'c', 'h\0llo')]).toEqual(['h', '\0', 'l', 'l', 'o']);
  expect(SharedArray.create(memory, 'c', 'hi').toString()).toBe("SharedArray('c', [h, i])");
});

test('the parts of a shared value are the value itself and its lock', () => {
  const value = SharedValue.create(memory, 'i', 1, { name: 'n' });
  value.getObj().value = 2;
  expect(value.value).toBe(2);
  using _held = value.getLock().hold();
  value.value += 1;
  expect([value.value, value.getLock().depth, value.getLock().name]).toEqual([3, 1, 'lock of n']);
});
