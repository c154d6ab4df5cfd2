import { fstatSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Arena } from '#src/memory/arena.js';
import { HEADER } from '#src/memory/layout.js';
import { RawValue } from '#src/primitives/raw-value.js';
import { SharedValue } from '#src/primitives/shared-value.js';
import { LabMemory } from '#src/memory/lab-memory.js';
import { currentPlatform } from '#src/platform/current.js';
import { registerPrimitives } from '#src/primitives/attach-table.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;
let memory: LabMemory;
let arena: Arena;

beforeEach(() => {
  lab = new SharedLab(2, 1024 * 1024);
  memory = lab.memory(0);
  arena = memory.arena;
});
afterEach(() => lab[Symbol.dispose]());

const FULL = expect.objectContaining({ code: 'ERR_IPC_OUT_OF_MEMORY' }) as Error;

test('what it hands out is zeroed, starts a cache line and shares none', () => {
  const offsets = [1, 64, 65, 640, 0].map((sizeBytes) => arena.allocate(sizeBytes));
  for (const offset of offsets) expect(offset % 64).toBe(0);
  const chunks = [...arena.chunks()];
  expect(chunks.map((chunk) => chunk.byteOffset)).toEqual(offsets);
  expect(chunks.map((chunk) => chunk.sizeBytes)).toEqual([64, 64, 128, 640, 64]);
  expect(chunks.every((chunk) => chunk.owner === memory.self)).toBe(true);
});

test('a chunk is at most a quarter larger than what was asked for, or a cache line', () => {
  using large = new SharedLab(1, 16 * 1024 * 1024);
  const { arena } = large.memory(0);
  for (let granules = 1; granules < 4000; granules = Math.ceil(granules * 1.07)) {
    const offset = arena.allocate(granules * 64);
    const chunk = [...arena.chunks()].find((each) => each.byteOffset === offset);
    expect(chunk?.sizeBytes).toBeGreaterThanOrEqual(granules * 64);
    expect(chunk?.sizeBytes).toBeLessThanOrEqual(granules * 64 * 1.25);
    arena.free(offset);
  }
});

test('freed memory is handed out again, zeroed, to any process', () => {
  const offset = arena.allocate(200);
  memory.cells.copyIn(offset, new Uint8Array(200).fill(0xff));
  lab.memory(1).arena.free(offset);
  expect(lab.memory(1).arena.allocate(200)).toBe(offset);
  const bytes = new Uint8Array(256);
  memory.cells.copyOut(offset, bytes);
  expect(bytes).toEqual(new Uint8Array(256));
  expect([...arena.chunks()]).toEqual([{ byteOffset: offset, sizeBytes: 256, owner: lab.memory(1).self }]);
});

test('what is not in use cannot be freed', () => {
  const offset = arena.allocate(64);
  arena.free(offset);
  expect(() => arena.free(offset)).toThrow(expect.objectContaining({ code: 'ERR_IPC_CLOSED' }));
  expect(() => arena.free(offset + 64)).toThrow(expect.objectContaining({ code: 'ERR_IPC_CLOSED' }));
});

test('what is written into freed memory does not hurt it', () => {
  const offsets = Array.from({ length: 10 }, () => arena.allocate(64));
  for (const offset of offsets) {
    arena.free(offset);
    memory.cells.copyIn(offset, new Uint8Array(64).fill(0xff));
  }
  expect(new Set(offsets.map(() => arena.allocate(64)))).toEqual(new Set(offsets));
});

test('when it is full it says so, goes on, and has room again when something was freed', () => {
  const offsets: number[] = [];
  const fill = (): void => {
    for (;;) offsets.push(arena.allocate(1000));
  };
  expect(fill).toThrow(FULL);
  expect(offsets.length).toBeGreaterThan(600);
  expect(() => {
    for (;;) arena.allocate(64);
  }).toThrow(FULL);
  expect(arena.usedBytes()).toBeLessThanOrEqual(arena.capacityBytes);
  expect(() => arena.allocate(1000)).toThrow(/no room for 1000 bytes of shared memory: \d+ of \d+ bytes are in use/);
  arena.free(offsets[100] ?? 0);
  expect(() => arena.allocate(1100), 'a smaller one will not').toThrow(FULL);
  expect(arena.allocate(100), 'a larger chunk will do for less').toBe(offsets[100]);
});

test('a large piece gives its memory back to the system when it is freed, and is zeroed when it is used again', () => {
  using large = new SharedLab(1, 32 * 1024 * 1024);
  const { arena, cells, segment } = large.memory(0);
  const sizeBytes = 16 * 1024 * 1024;
  const backedBytes = (): number => fstatSync(segment.descriptor).blocks * 512;
  const before = backedBytes();
  const offset = arena.allocate(sizeBytes);
  cells.copyIn(offset, new Uint8Array(sizeBytes).fill(0xff));
  expect(backedBytes()).toBeGreaterThanOrEqual(sizeBytes);
  arena.free(offset);
  expect(backedBytes()).toBeLessThan(before + 4 * 1024 * 1024);
  expect(arena.allocate(sizeBytes)).toBe(offset);
  expect(backedBytes()).toBeGreaterThanOrEqual(sizeBytes);
  const bytes = new Uint8Array(sizeBytes);
  cells.copyOut(offset, bytes);
  expect(bytes.every((byte) => byte === 0)).toBe(true);
});

test('what is larger than all of it is refused', () => {
  for (const sizeBytes of [arena.capacityBytes + 1, 2 ** 31, 2 ** 53]) {
    expect(() => arena.allocate(sizeBytes)).toThrow(FULL);
  }
  expect(arena.usedBytes()).toBe(0);
});

test('a lab that is full refuses a primitive with the code, and says what to do', () => {
  const make = (): void => {
    for (;;) RawValue.create(memory, 'd', 1);
  };
  expect(make).toThrow(
    expect.objectContaining({ code: 'ERR_IPC_OUT_OF_MEMORY', hint: expect.stringContaining('--memory') as string }),
  );
});

test('beyond 2 GiB, where an offset no longer fits a signed cell, objects and values work as below', () => {
  const large = LabMemory.create(currentPlatform(), 3 * 1024 ** 3);
  registerPrimitives(large);
  const granules = (2.5 * 1024 ** 3) / 64;
  large.cells.store(HEADER.arenaTop, granules);
  large.cells.store(HEADER.arenaCommitted, granules);
  const value = SharedValue.create(large, 'i', 5, { name: 'far' });
  expect(value.name).toBe('far');
  const [received] = large.take(large.put([value, 'text'], 'a value')) as [SharedValue, string];
  expect([received, received.value]).toEqual([value, 5]);
  value.close();
  expect(() => received.value).toThrow(expect.objectContaining({ code: 'ERR_IPC_CLOSED' }));
  large.close();
});
