/** What people see of a primitive that they print, and programs of one in JSON: what it is and holds, and nothing of its insides. */
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { Barrier } from '#src/primitives/barrier.js';
import { Condition } from '#src/primitives/condition.js';
import { Connection } from '#src/primitives/connection.js';
import { Event } from '#src/primitives/event.js';
import { Lock } from '#src/primitives/lock.js';
import type { Primitive } from '#src/primitives/primitive.js';
import { PriorityQueue } from '#src/primitives/priority-queue.js';
import { Queue } from '#src/primitives/queue.js';
import { RawArray } from '#src/primitives/raw-array.js';
import { RawValue } from '#src/primitives/raw-value.js';
import { RLock } from '#src/primitives/rlock.js';
import { RwLock } from '#src/primitives/rw-lock.js';
import { Semaphore } from '#src/primitives/semaphore.js';
import { ShareableList } from '#src/primitives/shareable-list.js';
import { SharedArray } from '#src/primitives/shared-array.js';
import { SharedValue } from '#src/primitives/shared-value.js';
import { StructHandle } from '#src/primitives/struct.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;
let memory: LabMemory;

beforeEach(() => {
  lab = new SharedLab(2);
  memory = lab.memory(0);
});
afterEach(() => lab[Symbol.dispose]());

const name = 'door';

describe('printed', () => {
  test.each<[string, () => Primitive]>([
    ['Lock "door" (free)', () => Lock.create(memory, { name })],
    ['Lock 1 (held by supervisor)', () => held(Lock.create(memory))],
    ['RLock 1 (held by supervisor)', () => held(RLock.create(memory))],
    ['RwLock "door" (0 reading)', () => RwLock.create(memory, { name })],
    ['Semaphore "door" (3 free)', () => Semaphore.create(memory, 3, { name })],
    ['Event "door" (clear)', () => Event.create(memory, { name })],
    ['Barrier "door" (0 of 2 waiting)', () => Barrier.create(memory, 2, { name })],
    ['Condition "door" (0 waiting)', () => Condition.create(memory, { name })],
    ['Queue "door" (1 messages)', () => filled(Queue.create<unknown>(memory, { name }))],
    ['PriorityQueue "door" (0 messages)', () => PriorityQueue.create(memory, { name })],
    ['Connection "door" (0 messages to receive)', () => Connection.createPipe(memory, { name })[0]],
    ["RawValue('i', 5)", () => RawValue.create(memory, 'i', 5)],
    ["SharedValue('d', 0.5)", () => SharedValue.create(memory, 'd', 0.5)],
    ["RawArray('h', [1, 2])", () => RawArray.create(memory, 'h', [1, 2])],
    ["SharedArray('q', [1, 2])", () => SharedArray.create(memory, 'q', [1n, 2n])],
    ['Struct(x: 1, y: 0)', () => StructHandle.create(memory, { x: 'd', y: 'd' }, { x: 1 })],
    ['ShareableList([1, "two", null])', () => ShareableList.create(memory, [1, 'two', null])],
  ])('%s', (text, make) => {
    const primitive = make();
    expect([inspect(primitive), String(primitive), JSON.stringify(primitive)]).toEqual([
      text,
      text,
      JSON.stringify(text),
    ]);
    primitive.close();
    const closed = `${primitive.kind} ${JSON.stringify(primitive.name)} (closed)`;
    expect([inspect(primitive), String(primitive), JSON.stringify(primitive)]).toEqual([
      closed,
      closed,
      JSON.stringify(closed),
    ]);
  });

  test('without waiting for its lock, whoever holds it', () => {
    const value = SharedValue.create(memory, 'i', 5);
    const struct = StructHandle.create(memory, { x: 'i' });
    for (const each of [value, struct]) {
      lab.send(each, 0, 1).getLock().acquire();
      expect(inspect(each)).toBe(each === value ? "SharedValue('i', 5)" : 'Struct(x: 0)');
    }
  });

  test('a long array is cut on the console, and nowhere else', () => {
    const array = RawArray.create(memory, 'i', 10_000);
    for (const each of [array, SharedArray.create(memory, 'i', 10_000)]) {
      expect(inspect(each)).toMatch(/^\w+\('i', \[(0, ){100}… and 9900 more\]\)$/);
      expect(String(each)).toHaveLength(`${each.kind}('i', [])`.length + 10_000 * 3 - 2);
    }
  });
});

function held<L extends Lock | RLock>(lock: L): L {
  lock.acquire();
  return lock;
}

function filled(queue: Queue): Queue {
  queue.put('hello');
  return queue;
}
