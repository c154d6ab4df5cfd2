import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { Lock } from '#src/primitives/lock.js';
import { RawArray } from '#src/primitives/raw-array.js';
import { RawValue } from '#src/primitives/raw-value.js';
import { RLock } from '#src/primitives/rlock.js';
import { SharedArray } from '#src/primitives/shared-array.js';
import { SharedValue } from '#src/primitives/shared-value.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;
let ours: LabMemory;
let theirs: LabMemory;

beforeEach(() => {
  lab = new SharedLab(2);
  ours = lab.memory(0);
  theirs = lab.memory(1);
});
afterEach(() => lab[Symbol.dispose]());

function sent<T>(value: T): T {
  return lab.send(value, 0, 1);
}

/** How many references there are to an object. */
function references(object: { readonly [SHARED_OBJECT]: number }): number {
  return ours.objects.references(object[SHARED_OBJECT]);
}

test('a typed array has a buffer of its own, as a structured clone has it', () => {
  const { numbers, bytes, view, shared } = sent({
    numbers: new Int32Array([1, 2]),
    bytes: Uint8Array.of(5),
    view: new DataView(new ArrayBuffer(9), 2, 3),
    shared: Buffer.from('text'),
  });
  expect([numbers, bytes, view, shared].map((each) => each.buffer.byteLength)).toEqual([8, 1, 3, 4]);
  expect([[...numbers], [...bytes], shared.toString()]).toEqual([[1, 2], [5], 'text']);
});

class Point {
  readonly x = 1;
  readonly y = 2;
}

describe('plain values', () => {
  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a boolean', true],
    ['negative zero', -0],
    ['NaN', Number.NaN],
    ['an infinity', Number.NEGATIVE_INFINITY],
    ['a large number', 2 ** 60],
    ['a bigint', -(2n ** 100n)],
    ['the empty string', ''],
    ['text of any script', 'a, ü, 共享内存, 🧪, \0, lone \ud800'],
    ['a date', new Date(1e12)],
    ['a regular expression', /a+b/giu],
    ['a boxed number', Object(3)],
    ['an array with a hole', Object.assign([1], { 2: 3 })],
    ['an array with properties', Object.assign([1], { also: 2 })],
    ['nested records', { a: { b: [{ c: null }] } }],
    [
      'a map with keys of every kind',
      new Map<unknown, unknown>([
        [1, 'a'],
        ['1', 'b'],
        [{ k: 1 }, new Map()],
      ]),
    ],
    ['a set', new Set([1, 'x', new Set([2])])],
    ['an array buffer', new Uint8Array([1, 2, 3]).buffer],
    ['an empty typed array', new Float64Array(0)],
    [
      'every kind of typed array',
      [
        Int8Array,
        Uint8Array,
        Uint8ClampedArray,
        Int16Array,
        Uint16Array,
        Int32Array,
        Uint32Array,
        Float32Array,
        Float64Array,
      ].map((kind) => kind.of(1, 2, 3)),
    ],
    ['64-bit typed arrays', [BigInt64Array.of(-1n), BigUint64Array.of(2n ** 64n - 1n)]],
    ['a part of a larger buffer', new Uint16Array(8).fill(7).subarray(2, 5)],
    ['a data view', new DataView(new Uint8Array([1, 2]).buffer)],
    ['a property named __proto__', JSON.parse('{"__proto__": {"x": 1}, "y": 2}')],
  ])('carries %s', (_name, value) => {
    const received = sent(value);
    expect({ received, same: isDeepStrictEqual(received, value) }).toMatchObject({ same: true });
  });

  test('carries an error with its kind, its message and its cause', () => {
    const error = sent(new RangeError('too far', { cause: 'a cause' }));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ message: 'too far', cause: 'a cause' });
  });

  test('carries an instance of a user’s class as a plain object', () => {
    const received = sent({ point: new Point(), lock: Lock.create(ours) });
    expect(received.point).toEqual({ x: 1, y: 2 });
    expect(Object.getPrototypeOf(received.point)).toBe(Object.prototype);
  });

  test('keeps cycles and shared parts', () => {
    const part = { n: 1 };
    const value: Record<string, unknown> = { a: part, b: part };
    value['self'] = value;
    const received = sent(value);
    expect(received['a']).toBe(received['b']);
    expect(received['self']).toBe(received);
  });

  test('copies: a change afterwards is not seen', () => {
    const value = { n: 1, bytes: new Uint8Array([1]) };
    const received = sent(value);
    value.n = 2;
    value.bytes[0] = 2;
    expect(received).toEqual({ n: 1, bytes: new Uint8Array([1]) });
  });
});

describe('shared objects', () => {
  test('arrive at any depth, in every container, beside everything else', () => {
    const lock = Lock.create(ours, { name: 'deep' });
    const cycle: Record<string, unknown> = { lock };
    cycle['self'] = cycle;
    const received = sent({
      list: [[[lock]], 1],
      map: new Map<unknown, unknown>([
        [lock, 'as a key'],
        ['as a value', { lock }],
      ]),
      set: new Set([lock]),
      bytes: Uint16Array.of(1, 2),
      cycle,
      ['__proto__x']: lock,
    });
    const [[[theirLock]]] = received.list as [[[Lock]]];
    expect(theirLock).toBeInstanceOf(Lock);
    expect(theirLock.name).toBe('deep');
    expect(received.map.get(theirLock)).toBe('as a key');
    expect(received.map.get('as a value')).toEqual({ lock: theirLock });
    expect(received.set.has(theirLock)).toBe(true);
    expect(received.bytes).toEqual(Uint16Array.of(1, 2));
    expect(received.cycle['self']).toBe(received.cycle);
    expect(received.cycle['lock']).toBe(theirLock);
  });

  test('arrive in lists, maps and sets that hold themselves', () => {
    const lock = Lock.create(ours);
    const list: unknown[] = [lock];
    const map = new Map<unknown, unknown>([['lock', lock]]);
    const set = new Set<unknown>([lock]);
    list.push(list);
    map.set('self', map);
    set.add(set);
    const received = sent({ list, map, set });
    expect(received.list[1]).toBe(received.list);
    expect(received.map.get('self')).toBe(received.map);
    expect(received.set.has(received.set)).toBe(true);
    expect([received.list[0], received.map.get('lock')]).toEqual([received.list[0], received.list[0]]);
  });

  test('the same lock twice is one lock, also in two messages', () => {
    const lock = Lock.create(ours);
    const [first, second] = sent([lock, lock]);
    expect(first).toBe(second);
    expect(sent(lock)).toBe(first);
    expect(references(lock)).toBe(2);
  });

  test('that come home are the ones that left', () => {
    const lock = Lock.create(ours);
    expect(lab.send(sent(lock), 1, 0)).toBe(lock);
  });

  test('of every kind are one memory with two handles', () => {
    const [lock, rlock, rawValue, rawArray, value, array] = sent([
      Lock.create(ours),
      RLock.create(ours),
      RawValue.create(ours, 'd', 1.5),
      RawArray.create(ours, 'q', [1n, 2n]),
      SharedValue.create(ours, 'c', 'x'),
      SharedArray.create(ours, 'B', [1, 2, 255]),
    ] as const);
    expect(lock.tryAcquire() && rlock.tryAcquire()).toBe(true);
    expect(rawValue.value).toBe(1.5);
    expect([...rawArray]).toEqual([1n, 2n]);
    expect(value.value).toBe('x');
    expect([...array]).toEqual([1, 2, 255]);
  });

  test('live as long as they are under way, when the sender has closed its own', () => {
    const used = ours.arena.usedBytes();
    const value = SharedValue.create(ours, 'i', 5, { name: 'five' });
    const blob = ours.put({ value }, 'a value');
    value.close();
    const { value: received } = theirs.take(blob) as { value: SharedValue };
    expect(received.value).toBe(5);
    expect(received.getLock().name).toBe('lock of five');
    received.close();
    expect(ours.arena.usedBytes()).toBe(used);
  });

  test('need not be copied by value: what holds them is left as it was', () => {
    const lock = Lock.create(ours);
    const value = Object.freeze({ list: Object.freeze([lock]) });
    sent(value);
    expect(value.list[0]).toBe(lock);
  });
});

describe('what cannot be cloned', () => {
  function works(): void {}
  const lock = (): Lock => Lock.create(ours);

  test.each<[string, () => unknown, RegExp]>([
    ['a function', () => works, /^a value cannot be sent .*function works/],
    ['a function in a list', () => [0, { work: works }], /\(at \[1\]\.work\).*function works/],
    ['an anonymous function', () => ({ f: [() => 1][0] }), /\(at \.f\).*anonymous/],
    ['a symbol', () => ({ a: [Symbol('s')] }), /\(at \.a\[0\]\).*Symbol\(s\)/],
    ['a function as a value of a map', () => new Map([['k', works]]), /\(at \.get\(k\)\)/],
    ['a function as a key of a map', () => new Map([[works, 1]]), /\(at \.<key>\)/],
    ['a function in a set', () => new Set([works]), /\(at \.<element>\)/],
    ['a function behind a key without text', () => new Map([[Object.create(null), works]]), /\[object Object\]/],
    ['a promise', () => ({ lock: lock(), later: Promise.resolve() }), /\(at \.later\).*a Promise cannot be cloned/],
    ['a weak map', () => [new WeakMap()], /\(at \[0\]\).*WeakMap/],
    [
      'a function as the cause of an error',
      () => [new Error('a', { cause: { b: works } })],
      /\(at \[0\]\.cause\.b\).*works/,
    ],
    [
      'a lock as the cause of an error',
      () => ({ e: new Error('a', { cause: lock() }) }),
      /\(at \.e\.cause\).*nothing shared/,
    ],
    ['a generator', () => ({ a: [(function* () {})()] }), /\(at \.a\[0\]\).*Generator/],
    [
      'a value nested too deep',
      () => Array.from({ length: 100_000 }).reduce<unknown>((inner) => ({ inner }), null),
      /a value/,
    ],
    [
      'a getter that throws',
      () =>
        Object.defineProperty({}, 'x', {
          enumerable: true,
          get: () => {
            throw new Error('not now');
          },
        }),
      /not now/,
    ],
  ])('%s is refused with a code and says where it sits', (_name, make, message) => {
    const attempt = (): unknown => ours.put(make(), 'a value');
    expect(attempt).toThrow(expect.objectContaining({ code: 'ERR_IPC_NOT_CLONEABLE' }));
    expect(attempt).toThrow(message);
  });

  test('leaves the reference counts as they were', () => {
    const value = SharedValue.create(ours, 'i', 5);
    const used = ours.arena.usedBytes();
    for (const bad of [works, Promise.resolve(), Symbol('s')]) {
      expect(() => ours.put([value, { value }, bad], 'a value')).toThrow();
      expect(() => ours.put([bad, value], 'a value')).toThrow();
    }
    expect(references(value)).toBe(1);
    expect(ours.arena.usedBytes()).toBe(used);
  });

  test('nor does a value that has no room in shared memory', () => {
    const value = RawValue.create(ours, 'i', 5);
    expect(() => ours.put([value, new Uint8Array(8 * 1024 * 1024)], 'a value')).toThrow(
      expect.objectContaining({ code: 'ERR_IPC_OUT_OF_MEMORY' }),
    );
    expect(references(value)).toBe(1);
  });

  test('a closed object is refused', () => {
    const closed = Lock.create(ours);
    closed.close();
    expect(() => ours.put([closed], 'a value')).toThrow(/\(at \[0\]\).*was closed/);
  });

  test('an object of another lab is refused', () => {
    using other = new SharedLab(1);
    expect(() => ours.put(Lock.create(other.memory(0)), 'a value')).toThrow(/belongs to another lab/);
  });
});
