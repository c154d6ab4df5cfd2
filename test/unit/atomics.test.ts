import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { RawArray } from '#src/primitives/raw-array.js';
import { RawValue } from '#src/primitives/raw-value.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;
let memory: LabMemory;

beforeEach(() => {
  lab = new SharedLab(2);
  memory = lab.memory(0);
});
afterEach(() => lab[Symbol.dispose]());

const INVALID = expect.objectContaining({ code: 'ERR_IPC_INVALID_ARGUMENT' }) as Error;
const OPERATIONS = ['add', 'sub', 'and', 'or', 'xor', 'exchange', 'compareExchange'] as const;
type Operations = Readonly<Record<(typeof OPERATIONS)[number], (...args: unknown[]) => unknown>>;

describe.each(OPERATIONS)('%s', (name) => {
  test.each([
    ['f', 1],
    ['d', 1],
    ['c', 'x'],
  ] as const)('is refused by the type %s, which stays as it was', (code, operand) => {
    const value = RawValue.create(memory, code, operand, { name: 'n' });
    const array = RawArray.create(memory, code, [operand as never]);
    expect(() => (value as unknown as Operations)[name](operand, operand)).toThrow(INVALID);
    expect(() => (value as unknown as Operations)[name](operand, operand)).toThrow(/^n is of type/);
    expect(() => (array as unknown as Operations)[name](0, operand, operand)).toThrow(INVALID);
    expect([value.value, array.get(0)]).toEqual([operand, operand]);
  });

  test.each([
    ['b', 1n],
    ['I', '1'],
    ['q', 1],
    ['Q', undefined],
  ] as const)('is refused by the type %s for the operand %s', (code, operand) => {
    const value = RawValue.create(memory, code) as unknown as Operations;
    const array = RawArray.create(memory, code, 1) as unknown as Operations;
    expect(() => value[name](operand, operand)).toThrow(INVALID);
    expect(() => array[name](0, operand, operand)).toThrow(INVALID);
  });

  test.each([2, -3, 0.5, Number.NaN])('is refused at index %s of an array of two', (index) => {
    const array = RawArray.create(memory, 'h', 2);
    expect(() => (array as unknown as Operations)[name](index, 1, 1)).toThrow(
      expect.objectContaining({ code: 'ERR_IPC_OUT_OF_RANGE' }),
    );
  });

  test('is refused when closed', () => {
    const value = RawValue.create(memory, 'i');
    const array = RawArray.create(memory, 'q', 1);
    value.close();
    array.close();
    const closed = expect.objectContaining({ code: 'ERR_IPC_CLOSED' }) as Error;
    expect(() => (value as unknown as Operations)[name](1, 1)).toThrow(closed);
    expect(() => (array as unknown as Operations)[name](0, 1n, 1n)).toThrow(closed);
  });
});

test('the last element is counted from the end, and another process sees the change', () => {
  const array = RawArray.create(memory, 'B', [1, 2, 3]);
  const theirs = lab.send(array, 0, 1);
  expect([theirs.add(-1, 255), [...array]]).toEqual([3, [1, 2, 2]]);
});

test('types that have none say so when they are compiled', () => {
  const float = RawValue.create(memory, 'd');
  // @ts-expect-error: nothing can be added to a 'd' atomically.
  expect(() => float.add(1)).toThrow(INVALID);
  // @ts-expect-error: a 'q' is a bigint.
  expect(() => RawValue.create(memory, 'q').add(1)).toThrow(INVALID);
  expect(RawValue.create(memory, 'q').add(1n)).toBe(0n);
});
