import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { Lock } from '#src/primitives/lock.js';
import type { Primitive } from '#src/primitives/primitive.js';
import { RawArray } from '#src/primitives/raw-array.js';
import { RawValue } from '#src/primitives/raw-value.js';
import { RLock } from '#src/primitives/rlock.js';
import { SharedArray } from '#src/primitives/shared-array.js';
import { SharedValue } from '#src/primitives/shared-value.js';
import { SpinLock } from '#src/primitives/spin-lock.js';
import { TicketLock } from '#src/primitives/ticket-lock.js';
import { SharedLab } from '../shared-lab.ts';
import { SAMPLES, TYPE_CODES } from '../type-code-samples.ts';

let lab: SharedLab;
let memory: LabMemory;

beforeEach(() => {
  lab = new SharedLab(2);
  memory = lab.memory(0);
});
afterEach(() => lab[Symbol.dispose]());

const CLOSED = expect.objectContaining({ code: 'ERR_IPC_CLOSED' }) as Error;
const LOCK_USES: Readonly<Record<string, (lock: Lock | RLock | SpinLock | TicketLock) => unknown>> = {
  acquire: (lock) => lock.acquire(),
  'acquire(0)': (lock) => lock.acquire(0),
  tryAcquire: (lock) => lock.tryAcquire(),
  release: (lock) => lock.release(),
  hold: (lock) => lock.hold(),
  with: (lock) => lock.with(() => 1),
  takeOver: (lock) => lock.takeOver(),
  owner: (lock) => lock.owner,
  locked: (lock) => lock.locked,
};

describe.each([
  ['Lock', () => Lock.create(memory)],
  ['RLock', () => RLock.create(memory)],
  ['SpinLock', () => SpinLock.create(memory)],
  ['TicketLock', () => TicketLock.create(memory)],
])('a closed %s', (_kind, make) => {
  test.each(Object.entries(LOCK_USES))('refuses %s', (_name, use) => {
    const lock = make();
    lock.close();
    expect(() => use(lock)).toThrow(CLOSED);
  });

  test('refuses acquireAsync', async () => {
    const lock = make();
    lock.close();
    await expect(lock.acquireAsync()).rejects.toThrow(CLOSED);
  });
});

test('a closed RLock refuses to tell its depth', () => {
  const lock = RLock.create(memory);
  lock.close();
  expect(() => lock.depth).toThrow(CLOSED);
});

describe.each(TYPE_CODES.map((code) => [code]))('of type %s', (code) => {
  const sample = SAMPLES[code][0] as never;

  test('a closed value refuses to be read and written', () => {
    for (const value of [RawValue.create(memory, code), SharedValue.create(memory, code)]) {
      value.close();
      expect(() => value.value).toThrow(CLOSED);
      expect(() => (value.value = sample)).toThrow(CLOSED);
      expect(value.toString()).toContain('(closed)');
    }
  });

  test('a closed array refuses every use', () => {
    for (const array of [RawArray.create(memory, code, 2), SharedArray.create(memory, code, 2)]) {
      array.close();
      expect(() => array.get(0)).toThrow(CLOSED);
      expect(() => array.get(-1)).toThrow(CLOSED);
      expect(() => array.set(0, sample)).toThrow(CLOSED);
      expect(() => array.slice()).toThrow(CLOSED);
      expect(() => array.assign([sample])).toThrow(CLOSED);
      expect(() => [...array]).toThrow(CLOSED);
      expect(array.toString()).toContain('(closed)');
      if (array instanceof RawArray) expect(() => array.view()).toThrow(CLOSED);
    }
  });
});

test('the parts of a closed shared value are closed too', () => {
  const value = SharedValue.create(memory, 'i', 1);
  const array = SharedArray.create(memory, 'i', 1);
  value.close();
  array.close();
  for (const part of [value.getObj(), value.getLock(), array.getObj(), array.getLock()]) expect(part.closed).toBe(true);
});

const KINDS: readonly (readonly [string, () => Primitive])[] = [
  ['Lock', () => Lock.create(memory, { name: 'x' })],
  ['RLock', () => RLock.create(memory, { name: 'x' })],
  ['SpinLock', () => SpinLock.create(memory, { name: 'x' })],
  ['TicketLock', () => TicketLock.create(memory, { name: 'x' })],
  ['RawValue', () => RawValue.create(memory, 'i', 1, { name: 'x' })],
  ['RawArray', () => RawArray.create(memory, 'i', [1], { name: 'x' })],
  ['SharedValue', () => SharedValue.create(memory, 'i', 1, { name: 'x' })],
  ['SharedArray', () => SharedArray.create(memory, 'i', [1], { name: 'x' })],
];

describe.each(KINDS)('closing a %s', (kind, make) => {
  test('gives all its memory back, once, and using disposes of it', () => {
    const used = memory.arena.usedBytes();
    {
      using made = make();
      expect(memory.arena.usedBytes()).toBeGreaterThan(used);
      made.close();
      made.close();
    }
    expect(memory.arena.usedBytes()).toBe(used);
  });

  test('leaves its name, whatever becomes of its memory', () => {
    const made = make();
    made.close();
    const later = Array.from({ length: 20 }, () =>
      RawArray.create(
        memory,
        'i',
        Array.from({ length: 20 }, () => -1),
      ),
    );
    expect(later).toHaveLength(20);
    expect([made.name, made.closed, made.kind]).toEqual(['x', true, kind]);
  });

  test('does not end its use by others', () => {
    const used = memory.arena.usedBytes();
    const made = make();
    const [theirs] = lab.send([made], 0, 1);
    made.close();
    expect([theirs?.closed, theirs?.name]).toEqual([false, 'x']);
    theirs?.close();
    expect(memory.arena.usedBytes()).toBe(used);
  });

  test('an error says which one is closed', () => {
    const lock = Lock.create(memory, { name: 'till' });
    lock.close();
    expect(() => lock.acquire()).toThrow('Lock "till" is closed');
  });
});
