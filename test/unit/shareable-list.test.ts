import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { ShareableList } from '#src/primitives/shareable-list.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;
let memory: LabMemory;

beforeEach(() => {
  lab = new SharedLab(2);
  memory = lab.memory(0);
});
afterEach(() => lab[Symbol.dispose]());

function code(expected: string): Error {
  return expect.objectContaining({ code: expected }) as Error;
}

const VALUES = [1, -0, 0.5, 5n, 2n ** 64n - 1n, true, false, null, 'héllo', 'a\0\0', Uint8Array.of(0, 1, 0)];

test('holds each of its types, and says which', () => {
  const ours = ShareableList.create(memory, VALUES, { name: 'l' });
  const theirs = lab.send(ours, 0, 1);
  expect([...theirs]).toEqual(VALUES);
  expect(VALUES.map((_, i) => theirs.format(i))).toEqual(['q', 'q', 'd', 'q', 'Q', '?', '?', 'x', '8s', '8s', '8s']);
  expect([theirs.length, theirs.get(-1), theirs.get(-11)]).toEqual([11, Uint8Array.of(0, 1, 0), 1]);
  expect(theirs.get(1)).toBe(-0);
  expect([theirs.indexOf('a\0'), theirs.indexOf('a\0\0'), theirs.indexOf(5), theirs.indexOf(5n)]).toEqual([
    -1, 9, -1, 3,
  ]);
  expect(theirs.count(Uint8Array.of(0, 1, 0))).toBe(1);
});

test('shows itself', () => {
  expect(String(ShareableList.create(memory, [1, 'a', null]))).toBe('ShareableList([1, "a", null])');
});

test('a slot changes its type and keeps its room', () => {
  const list = ShareableList.create(memory, ['twelve bytes', 1]);
  expect(list.format(0)).toBe('16s');
  list.set(0, 5);
  list.set(0, '共共共共x');
  expect([list.get(0), list.get(1)]).toEqual(['共共共共x', 1]);
  list.set(0, 'x'.repeat(16));
  expect(() => list.set(0, '共'.repeat(6))).toThrow('slot 0 of ShareableList');
  expect(() => list.set(0, '共'.repeat(6))).toThrow(/room for 16 bytes, and the value takes 18/);
  list.set(1, 'eight888');
  expect(() => list.set(1, 'nine99999')).toThrow(code('ERR_IPC_OUT_OF_RANGE'));
  expect([...list]).toEqual(['x'.repeat(16), 'eight888']);
});

test('bytes that come out are a copy', () => {
  const list = ShareableList.create(memory, [Uint8Array.of(1, 2)]);
  (list.get(0) as Uint8Array).fill(9);
  expect(list.get(0)).toEqual(Uint8Array.of(1, 2));
});

test('may be empty', () => {
  const list = ShareableList.create(memory, []);
  expect([list.length, [...list], list.indexOf(null)]).toEqual([0, [], -1]);
  expect(() => list.get(0)).toThrow(code('ERR_IPC_OUT_OF_RANGE'));
});

describe('what no slot can hold', () => {
  test.each([
    [undefined, 'ERR_IPC_INVALID_ARGUMENT'],
    [{}, 'ERR_IPC_INVALID_ARGUMENT'],
    [new Uint16Array(1), 'ERR_IPC_INVALID_ARGUMENT'],
    [Symbol('x'), 'ERR_IPC_INVALID_ARGUMENT'],
    [2n ** 64n, 'ERR_IPC_OUT_OF_RANGE'],
    [-(2n ** 63n) - 1n, 'ERR_IPC_OUT_OF_RANGE'],
  ])('%o is refused, and nothing is allocated or changed', (value, expected) => {
    const list = ShareableList.create(memory, ['some text']);
    const used = memory.arena.usedBytes();
    expect(() => ShareableList.create(memory, [1, value as never])).toThrow(code(expected));
    expect(() => list.set(0, value as never)).toThrow(code(expected));
    expect([memory.arena.usedBytes(), list.get(0)]).toEqual([used, 'some text']);
  });

  test.each([1, -2, 0.5, Number.NaN])('there is no slot %s in a list of one', (index) => {
    const list = ShareableList.create(memory, [7]);
    expect(() => list.get(index)).toThrow(code('ERR_IPC_OUT_OF_RANGE'));
    expect(() => list.set(index, 1)).toThrow(code('ERR_IPC_OUT_OF_RANGE'));
    expect(() => list.format(index)).toThrow(code('ERR_IPC_OUT_OF_RANGE'));
  });
});

test('refuses every use when it is closed, and gives its memory back', () => {
  const used = memory.arena.usedBytes();
  const list = ShareableList.create(memory, VALUES, { name: 'l' });
  list.close();
  for (const use of [
    () => list.get(0),
    () => list.set(0, 1),
    () => list.count(1),
    () => list.indexOf(1),
    () => list.format(0),
    () => [...list],
  ])
    expect(use).toThrow(code('ERR_IPC_CLOSED'));
  expect(memory.arena.usedBytes()).toBe(used);
});
