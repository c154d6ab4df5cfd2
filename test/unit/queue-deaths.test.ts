/** A process is killed at every store of a put and of a get: the others go on, find whole messages only, and nothing of anybody else is lost. */
import { describe, expect, test } from 'vitest';
import { Lock } from '#src/primitives/lock.js';
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

function comparable(value: unknown): unknown {
  if (value instanceof Tuple) return value.values;
  return typeof value === 'object' && value !== null && 'lock' in value ? 'a lock' : value;
}

describe.each(['put', 'get'] as const)('killed at every store of a %s of', (act) => {
  test.each(VALUES)('%s', (_name, make) => {
    for (let at = 1, alive = false; !alive; at++) {
      expect(at, 'the number of stores').toBeLessThan(200);
      using lab = new SharedLab(3, 1024 * 1024);
      const [first, second, third] = lab.memories as [
        (typeof lab.memories)[0],
        (typeof lab.memories)[0],
        (typeof lab.memories)[0],
      ];
      const queue = Queue.create(second, { sizeBytes: 4096, capacity: 4 });
      const victim = lab.send(queue, 1, 0);
      const other = lab.send(queue, 1, 2);
      const lock = Lock.create(second);
      const theirs = lab.send(lock, 1, 0);
      queue.put('before');
      if (act === 'get') {
        queue.put(make(lock));
        expect(other.get()).toBe('before');
        queue.put('after');
      }
      const used = second.arena.usedBytes();
      const revive = killAt(first.cells, at);
      try {
        if (act === 'put') victim.put(make(theirs));
        else victim.get();
        alive = true;
      } catch (error) {
        if (!wasKilled(error)) throw error;
      }
      revive();
      lab.die(0);
      other.put('last');
      const received: unknown[] = [];
      for (let each = queue.tryGet(); each !== undefined; each = other.tryGet()) received.push(comparable(each));
      const value = comparable(make(lock));
      const [before, after] = act === 'put' ? [['before'], ['last']] : [[], ['after', 'last']];
      const whole = [...before, value, ...after];
      const without = [...before, ...after];
      const there = received.length === whole.length;
      expect(received, `killed at store ${at}`).toEqual(there ? whole : without);
      if (alive) expect(there).toBe(act === 'put');
      expect([queue.size, other.size]).toEqual([0, 0]);
      expect(third.arena.usedBytes()).toBeLessThanOrEqual(used + (act === 'put' ? MOST_LOST : 0));
      // All four places are free again.
      for (let i = 0; i < 4; i++) expect(queue.tryPut(i)).toBe(true);
      expect([queue.tryPut(4), other.size]).toEqual([false, 4]);
    }
  });
});
