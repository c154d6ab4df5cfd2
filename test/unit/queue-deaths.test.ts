/** A process is killed at every store of a put and of a get: the others go on, find whole messages only, and nothing of anybody else is lost. */
import { describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { Lock } from '#src/primitives/lock.js';
import { LifoQueue } from '#src/primitives/lifo-queue.js';
import type { Primitive } from '#src/primitives/primitive.js';
import { PriorityQueue } from '#src/primitives/priority-queue.js';
import { Queue } from '#src/primitives/queue.js';
import { Tuple } from '#src/primitives/tuple.js';
import { SharedLab } from '../shared-lab.ts';
import { killAt, wasKilled } from '../twins/kill-at.ts';

const BLOCK = 5000;
/** What a message of a dead process may keep: a chunk for its bytes. */
const MOST_LOST = 8192;

const VALUES: readonly [string, (lock: Lock) => unknown][] = [
  ['a number', () => 7],
  ['a double', () => 0.5],
  ['a text', () => 'some text'],
  ['bytes', () => Uint8Array.of(1, 2, 3, 4, 5)],
  ['a wide text', () => '锁🔒'],
  ['a tuple', () => new Tuple(1, 'two', 3.5, null)],
  ['a clone', () => ({ a: [1, 2, { b: 3 }] })],
  ['a large text', () => 'x'.repeat(BLOCK)],
  ['many bytes', () => new Uint8Array(BLOCK).fill(7)],
  ['a clone with a lock', (lock) => ({ lock })],
];

/** A queue as this scene uses it, whatever it takes and gives. */
interface Kind {
  readonly create: (memory: LabMemory) => Primitive;
  readonly put: (queue: Primitive, value: unknown) => void;
  readonly tryPut: (queue: Primitive, value: unknown) => boolean;
  readonly tryGet: (queue: Primitive) => unknown;
  /** In the order in which they come out, if they went in like that. */
  readonly order: (values: unknown[]) => unknown[];
}

const KINDS: Readonly<Record<string, Kind>> = {
  Queue: {
    create: (memory) => Queue.create(memory, { sizeBytes: 4096, capacity: 4 }),
    put: (queue, value) => (queue as Queue).put(value),
    tryPut: (queue, value) => (queue as Queue).tryPut(value),
    tryGet: (queue) => (queue as Queue).tryGet(),
    order: (values) => values,
  },
  PriorityQueue: {
    create: (memory) => PriorityQueue.create(memory, { capacity: 4 }),
    put: (queue, value) => (queue as PriorityQueue).put([1, value]),
    tryPut: (queue, value) => (queue as PriorityQueue).tryPut([1, value]),
    tryGet: (queue) => (queue as PriorityQueue).tryGet()?.[1],
    order: (values) => values,
  },
  LifoQueue: {
    create: (memory) => LifoQueue.create(memory, { capacity: 4 }),
    put: (queue, value) => (queue as LifoQueue).put(value),
    tryPut: (queue, value) => (queue as LifoQueue).tryPut(value),
    tryGet: (queue) => (queue as LifoQueue).tryGet(),
    order: (values) => values.toReversed(),
  },
};

const SCENES = Object.keys(KINDS).flatMap((kind) => (['put', 'get'] as const).map((act) => [act, kind] as const));

function comparable(value: unknown): unknown {
  if (value instanceof Tuple) return value.values;
  return typeof value === 'object' && value !== null && 'lock' in value ? 'a lock' : value;
}

describe.each(SCENES)('killed at every store of a %s of a %s:', (act, kind) => {
  const { create, put, tryPut, tryGet, order } = KINDS[kind] as Kind;
  test.each(VALUES)('%s', (_name, make) => {
    for (let at = 1, alive = false; !alive; at++) {
      expect(at, 'the number of stores').toBeLessThan(200);
      using lab = new SharedLab(3, 1024 * 1024);
      const [first, second, third] = lab.memories as [
        (typeof lab.memories)[0],
        (typeof lab.memories)[0],
        (typeof lab.memories)[0],
      ];
      const queue = create(second);
      const victim = lab.send(queue, 1, 0);
      const other = lab.send(queue, 1, 2);
      const lock = Lock.create(second);
      const theirs = lab.send(lock, 1, 0);
      put(queue, 'before');
      if (act === 'get') {
        expect(tryGet(other)).toBe('before');
        // What the victim is to take comes out first.
        for (const value of order([make(lock), 'after'])) put(queue, value);
      }
      const used = second.arena.usedBytes();
      const revive = killAt(first.cells, at);
      try {
        if (act === 'put') put(victim, make(theirs));
        else tryGet(victim);
        alive = true;
      } catch (error) {
        if (!wasKilled(error)) throw error;
      }
      revive();
      lab.die(0);
      put(other, 'last');
      const received: unknown[] = [];
      for (let each = tryGet(queue); each !== undefined; each = tryGet(other)) received.push(comparable(each));
      const value = comparable(make(lock));
      const whole = order(act === 'put' ? ['before', value, 'last'] : [...order([value, 'after']), 'last']);
      const without = order(act === 'put' ? ['before', 'last'] : ['after', 'last']);
      const there = received.length === whole.length;
      expect(received, `killed at store ${at}`).toEqual(there ? whole : without);
      if (alive) expect(there).toBe(act === 'put');
      expect(third.arena.usedBytes()).toBeLessThanOrEqual(used + (act === 'put' ? MOST_LOST : 0));
      // All four places are free again.
      for (let i = 0; i < 4; i++) expect(tryPut(queue, i)).toBe(true);
      expect(tryPut(queue, 4)).toBe(false);
    }
  });
});
