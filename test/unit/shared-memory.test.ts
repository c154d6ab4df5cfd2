import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { SharedMemory } from '#src/primitives/shared-memory.js';
import { refuseLeaks } from '../leak-check.ts';
import { SharedLab } from '../shared-lab.ts';
import { SAMPLES, TYPE_CODES } from '../type-code-samples.ts';

let lab: SharedLab;
let memory: LabMemory;
let names = 0;

refuseLeaks();
beforeEach(() => {
  lab = new SharedLab(2);
  memory = lab.memory(0);
});
afterEach(() => lab[Symbol.dispose]());

function code(expected: string): Error {
  return expect.objectContaining({ code: expected }) as Error;
}

function freshName(): string {
  return `shm test ${process.pid} ${names++} 共享`;
}

function make(sizeBytes = 100, name = freshName()): SharedMemory {
  return SharedMemory.create(memory, { create: true, name, sizeBytes });
}

describe('shared memory by name', () => {
  test('is zeroed, as long as it was made, and the same for whoever knows its name', () => {
    using made = make(100);
    using found = SharedMemory.create(lab.memory(1), { name: made.name, sizeBytes: 5 });
    expect([made.sizeBytes, found.sizeBytes, made.buffer.byteLength]).toEqual([100, 100, 100]);
    expect([...new Uint8Array(found.buffer)]).toEqual(Array.from({ length: 100 }, () => 0));
    made.view('B')[99] = 7;
    expect(found.view('B')[99]).toBe(7);
    expect(String(found)).toBe(`SharedMemory("${made.name}", 100)`);
  });

  test('needs no name to be made: one is made up', () => {
    using one = SharedMemory.create(memory, { create: true, sizeBytes: 10 });
    using two = SharedMemory.create(memory, { create: true, sizeBytes: 10 });
    using found = SharedMemory.create(memory, { name: one.name });
    expect([one.name === two.name, found.sizeBytes]).toEqual([false, 10]);
  });

  test('is in the hands of whoever was handed it', () => {
    using ours = make(8);
    const used = memory.arena.usedBytes();
    {
      using theirs = lab.send(ours, 0, 1);
      theirs.view('q')[0] = -5n;
      expect([ours.view('q')[0], theirs.name]).toEqual([-5n, ours.name]);
    }
    expect(ours.view('q')[0]).toBe(-5n);
    ours.close();
    expect(memory.arena.usedBytes()).toBeLessThan(used);
  });

  test('is neither made twice nor found where it is not', () => {
    using made = make(10);
    expect(() => make(10, made.name)).toThrow(code('ERR_IPC_NAME_EXISTS'));
    expect(() => SharedMemory.create(memory, { name: freshName() })).toThrow(code('ERR_IPC_NAME_NOT_FOUND'));
    expect(made.sizeBytes).toBe(10);
  });

  test('loses its name by unlink, and nothing else', () => {
    using made = make(10);
    using theirs = lab.send(made, 0, 1);
    made.unlink();
    theirs.unlink();
    theirs.view('B')[0] = 3;
    expect(made.view('B')[0]).toBe(3);
    expect(() => SharedMemory.create(memory, { name: made.name })).toThrow(code('ERR_IPC_NAME_NOT_FOUND'));
    using again = make(20, made.name);
    expect([again.sizeBytes, again.view('B')[0]]).toEqual([20, 0]);
  });

  test('is gone by name with the last who has it open', () => {
    const made = make(10);
    const found = SharedMemory.create(memory, { name: made.name });
    made.close();
    SharedMemory.create(memory, { name: made.name }).close();
    found.close();
    expect(() => SharedMemory.create(memory, { name: made.name })).toThrow(code('ERR_IPC_NAME_NOT_FOUND'));
  });

  test('may be unlinked after it was closed, and then unlinks no other of that name', () => {
    const made = make(10);
    using theirs = SharedMemory.create(memory, { name: made.name });
    made.close();
    made.unlink();
    expect(() => SharedMemory.create(memory, { name: made.name })).toThrow(code('ERR_IPC_NAME_NOT_FOUND'));
    using other = make(20, made.name);
    made.unlink();
    theirs.close();
    theirs.unlink();
    using found = SharedMemory.create(memory, { name: made.name });
    expect(found.sizeBytes).toBe(other.sizeBytes);
  });

  test('is not mistaken for another that has got its name meanwhile', () => {
    using made = make(10);
    const blob = memory.put(made, 'a value');
    made.unlink();
    expect(() => lab.memory(1).take(blob)).toThrow(code('ERR_IPC_NAME_NOT_FOUND'));
    const second = memory.put(made, 'a value');
    using other = make(10, made.name);
    expect(() => lab.memory(1).take(second)).toThrow(/another shared memory/);
    expect(other.view('B')[0]).toBe(0);
  });
});

describe('what shared memory cannot be', () => {
  test.each([0, -1, 0.5, Number.NaN, 2 ** 33, '10', undefined])('%s bytes long', (sizeBytes) => {
    expect(() => SharedMemory.create(memory, { create: true, sizeBytes: sizeBytes as number })).toThrow(
      code('ERR_IPC_INVALID_ARGUMENT'),
    );
  });

  test.each(['', 'a\0b', 'a/b', 'x'.repeat(300), 5, null])('called %j', (name) => {
    const options = { create: true, sizeBytes: 1, name: name as string };
    expect(() => SharedMemory.create(memory, options)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
    expect(() => SharedMemory.create(memory, { name: name as string })).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
  });

  test('found without a name', () => {
    expect(() => SharedMemory.create(memory)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
    expect(() => SharedMemory.create(memory, { sizeBytes: 10 })).toThrow(/found by its name/);
  });
});

describe('a view', () => {
  test.each(TYPE_CODES.filter((each) => each !== 'c').map((each) => [each]))('of %s is the memory itself', (each) => {
    using made = make(100);
    using theirs = lab.send(made, 0, 1);
    const samples = SAMPLES[each];
    const view = made.view(each, 8, samples.length);
    for (const [i, sample] of samples.entries()) view[i] = sample as never;
    expect([...theirs.view(each, 8, samples.length)]).toEqual(samples);
    expect(made.view(each)).toHaveLength(Math.floor(100 / view.BYTES_PER_ELEMENT));
  });

  test('of characters is one of bytes', () => {
    using made = make(3);
    expect(made.view('c')).toEqual(new Uint8Array(3));
  });

  test.each([
    ['d', 4, 1, 'ERR_IPC_INVALID_ARGUMENT'],
    ['h', 1, undefined, 'ERR_IPC_INVALID_ARGUMENT'],
    ['d', 96, 1, 'ERR_IPC_OUT_OF_RANGE'],
    ['i', -4, 1, 'ERR_IPC_OUT_OF_RANGE'],
    ['i', 0, 26, 'ERR_IPC_OUT_OF_RANGE'],
    ['i', 0, -1, 'ERR_IPC_OUT_OF_RANGE'],
    ['b', 101, undefined, 'ERR_IPC_OUT_OF_RANGE'],
    ['b', Number.NaN, 1, 'ERR_IPC_OUT_OF_RANGE'],
    ['z', 0, 1, 'ERR_IPC_INVALID_ARGUMENT'],
  ])('of %s from %i on with %s elements is refused', (each, from, length, expected) => {
    using made = make(100);
    expect(() => made.view(each as 'd', from, length)).toThrow(code(expected));
  });

  test('may be empty, at the very end too', () => {
    using made = make(100);
    expect([made.view('i', 100).length, made.view('b', 3, 0).length]).toEqual([0, 0]);
  });

  test('that is kept is harmless after close: private zeroes', () => {
    const made = make(4096);
    using theirs = lab.send(made, 0, 1);
    const view = made.view('i');
    view[1] = 9;
    made.close();
    expect(view[1]).toBe(0);
    view[1] = 5;
    expect(theirs.view('i')[1]).toBe(9);
    for (const use of [() => made.buffer, () => made.view('B')]) expect(use).toThrow(code('ERR_IPC_CLOSED'));
    expect([made.closed, made.sizeBytes]).toEqual([true, 4096]);
  });
});
