import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { Lock } from '#src/primitives/lock.js';
import { RLock } from '#src/primitives/rlock.js';
import { StructHandle } from '#src/primitives/struct.js';
import { layOut, type StructSpec } from '#src/primitives/struct-layout.js';
import { SharedLab } from '../shared-lab.ts';
import { SAMPLES, TYPE_CODES } from '../type-code-samples.ts';

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

const POINT = { x: 'd', y: 'd', id: 'i' } as const;

describe.each([true, false])('a struct with lock: %s', (lock) => {
  test('holds its fields as another process sees them', () => {
    const ours = StructHandle.create(memory, POINT, { x: 1.5, id: 7 }, { lock, name: 'p' });
    const theirs = lab.send(ours, 0, 1);
    expect(theirs.copy()).toEqual({ x: 1.5, y: 0, id: 7 });
    theirs.x += 1;
    theirs.id -= 8;
    expect([ours.x, ours.y, ours.id]).toEqual([2.5, 0, -1]);
    expect([theirs.name, theirs.kind, String(theirs)]).toEqual(['p', 'Struct', 'Struct(x: 2.5, y: 0, id: -1)']);
  });

  test('holds every sample of every type beside the others', () => {
    const spec = Object.fromEntries(TYPE_CODES.map((each) => [`field_${each}`, each]));
    const struct = StructHandle.create(memory, spec, {}, { lock });
    const theirs = lab.send(struct, 0, 1);
    const model: Record<string, unknown> = struct.copy();
    for (const each of [...TYPE_CODES, ...TYPE_CODES.toReversed()]) {
      for (const sample of SAMPLES[each]) {
        model[`field_${each}`] = struct[`field_${each}`] = sample;
        expect(theirs.copy()).toEqual(model);
      }
    }
  });

  test('copy is detached, assign stores several or none', () => {
    const struct = StructHandle.create(memory, POINT, {}, { lock });
    const copy = struct.copy();
    struct.assign({ y: 2, x: 1 });
    expect([copy, struct.copy()]).toEqual([
      { x: 0, y: 0, id: 0 },
      { x: 1, y: 2, id: 0 },
    ]);
    expect(() => struct.assign({ x: 9, z: 1 } as never)).toThrow('has no field "z"');
    expect(() => struct.assign({ x: 9, id: '1' } as never)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
    expect(struct.copy()).toEqual({ x: 1, y: 2, id: 0 });
  });

  test('refuses a name that is no field, instead of keeping it to itself', () => {
    const struct = StructHandle.create(memory, POINT, {}, { lock }) as unknown as Record<string, number>;
    expect(() => (struct['z'] = 1)).toThrow(TypeError);
  });

  test('refuses every use when it is closed, and gives all its memory back', () => {
    const used = memory.arena.usedBytes();
    const struct = StructHandle.create(memory, POINT, {}, { lock, name: 'p' });
    const theirs = lab.send(struct, 0, 1);
    struct.close();
    struct.close();
    theirs.x = 3;
    expect(theirs.x).toBe(3);
    theirs.close();
    for (const use of [() => struct.x, () => (struct.x = 1), () => struct.copy(), () => struct.assign({ x: 1 })])
      expect(use).toThrow(code('ERR_IPC_CLOSED'));
    expect(memory.arena.usedBytes()).toBe(used);
  });
});

describe('the lock of a struct', () => {
  test('is recursive and its own, unless another or none is wanted', () => {
    const own = StructHandle.create(memory, POINT, {}, { name: 'p' });
    expect([own.getLock().kind, own.getLock().name]).toEqual(['RLock', 'lock of p']);
    const lock = Lock.create(memory);
    expect(StructHandle.create(memory, POINT, {}, { lock }).getLock()).toBe(lock);
    expect(() => StructHandle.create(memory, POINT, {}, { lock: false }).getLock()).toThrow(
      code('ERR_IPC_INVALID_ARGUMENT'),
    );
  });

  test.each([() => RLock.create(memory), () => Lock.create(memory)])(
    'is taken by each access, but not twice',
    (make) => {
      const struct = StructHandle.create(memory, POINT, {}, { lock: make() });
      const theirs = lab.send(struct, 0, 1);
      const { length } = struct.getLock().with(() => {
        struct.x += 1;
        struct.assign({ y: struct.copy().x });
        expect([theirs.peek(), theirs.getLock().owner]).toEqual([{ x: 1, y: 1, id: 0 }, 'supervisor']);
        return String(struct);
      });
      expect([length > 0, struct.getLock().locked]).toEqual([true, false]);
      // Whoever may not go in waits: here for a process that has died inside.
      theirs.getLock().acquire();
      lab.die(1);
      for (const use of [() => struct.x, () => (struct.x = 2), () => struct.copy(), () => struct.assign({ x: 2 })])
        expect(use).toThrow(code('ERR_IPC_OWNER_DIED'));
      expect(struct.peek().x).toBe(1);
    },
  );

  test('that was given stays open when the struct is closed, and lives as long as the struct', () => {
    const used = memory.arena.usedBytes();
    const lock = Lock.create(memory);
    const struct = StructHandle.create(memory, POINT, {}, { lock });
    const theirs = lab.send(struct, 0, 1);
    struct.close();
    lock.acquire();
    lock.release();
    lock.close();
    theirs.x = 1;
    const theirLock = theirs.getLock();
    theirs.close();
    theirLock.close();
    expect(memory.arena.usedBytes()).toBe(used);
  });

  test.each(['x', 1, {}, null])('cannot be %j', (lock) => {
    expect(() => StructHandle.create(memory, POINT, {}, { lock: lock as never })).toThrow(
      code('ERR_IPC_INVALID_ARGUMENT'),
    );
  });

  test('of another lab is refused', () => {
    using other = new SharedLab(1);
    const lock = Lock.create(other.memory(0));
    expect(() => StructHandle.create(memory, POINT, {}, { lock })).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
  });

  test('comes with checks of what is stored; without it, values wrap', () => {
    const checked = StructHandle.create(memory, { b: 'b', c: 'c' }, {}, { name: 'p' });
    expect(() => (checked.b = 128)).toThrow("b of p is of type 'b' (Int8), which holds -128 to 127, not 128");
    expect(() => (checked.c = 'ab')).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
    expect(checked.copy()).toEqual({ b: 0, c: '\0' });
    const plain = StructHandle.create(memory, { b: 'b' }, { b: 1 }, { lock: false });
    plain.b = 128;
    expect(plain.b).toBe(-128);
  });
});

const RESERVED = [
  'name',
  'close',
  'closed',
  'kind',
  'copy',
  'assign',
  'getLock',
  'memory',
  'cells',
  'constructor',
  'toString',
  '__proto__',
];

describe('a struct cannot be made', () => {
  test.each<unknown>([
    {},
    null,
    'd',
    { x: 'z' },
    { x: 5 },
    { '': 'i' },
    { 'a b': 'i' },
    { '1a': 'i' },
    ...RESERVED.map((name) => Object.fromEntries([[name, 'i']])),
  ])('of %j', (spec) => {
    const used = memory.arena.usedBytes();
    expect(() => StructHandle.create(memory, spec as never)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
    expect(memory.arena.usedBytes()).toBe(used);
  });

  test('with initial values that do not fit', () => {
    const used = memory.arena.usedBytes();
    expect(() => StructHandle.create(memory, POINT, { z: 1 } as never)).toThrow('the struct has no field "z"');
    expect(() => StructHandle.create(memory, POINT, { id: 2 ** 31 })).toThrow(code('ERR_IPC_OUT_OF_RANGE'));
    expect(() => StructHandle.create(memory, POINT, { id: 1n } as never, { lock: false })).toThrow(
      code('ERR_IPC_INVALID_ARGUMENT'),
    );
    expect(memory.arena.usedBytes()).toBe(used);
  });

  test('but of names in any script', () => {
    const struct = StructHandle.create(memory, { 名: 'i', $a_1: 'h' }, { 名: 4 });
    expect(struct.名 + struct.$a_1).toBe(4);
  });
});

test('fields lie in their order, each at a multiple of its size', () => {
  const { fields, sizeBytes } = layOut({ a: 'b', b: 'd', c: 'h', d: 'i', e: 'b' }, () => false);
  expect(fields.map(({ index, kind }) => index * kind.sizeBytes)).toEqual([0, 8, 16, 20, 24]);
  expect(sizeBytes).toBe(25);
});

test('a class is shared by all structs of one layout', () => {
  const classOf = (spec: StructSpec): unknown => StructHandle.create(memory, spec).constructor;
  expect(classOf(POINT) === classOf({ ...POINT })).toBe(true);
  expect(classOf(POINT) === classOf({ id: 'i', y: 'd', x: 'd' })).toBe(false);
});

test('misspelt fields and wrong types do not compile', () => {
  const point = StructHandle.create(memory, POINT);
  // @ts-expect-error: there is no z.
  expect(point.z).toBeUndefined();
  // @ts-expect-error: a number is no string.
  expect(() => (point.x = 'a')).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
});
