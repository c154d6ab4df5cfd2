/**
 * A process is killed at every store of everything that it can do with handles; whoever reaps it gives back what it had. Afterwards memory is
 * as if it had never been there, and others neither lose what they have nor wait for it.
 */
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readBlob } from '#src/memory/blob.js';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { Barrier } from '#src/primitives/barrier.js';
import { Condition } from '#src/primitives/condition.js';
import { Connection } from '#src/primitives/connection.js';
import { DirectoryLock } from '#src/primitives/directory-lock.js';
import { Event } from '#src/primitives/event.js';
import { JoinableQueue } from '#src/primitives/joinable-queue.js';
import { LifoQueue } from '#src/primitives/lifo-queue.js';
import { placesIn } from '#src/primitives/lock-places.js';
import { Lock } from '#src/primitives/lock.js';
import type { Primitive } from '#src/primitives/primitive.js';
import { Queue } from '#src/primitives/queue.js';
import { RwLock } from '#src/primitives/rw-lock.js';
import { Semaphore } from '#src/primitives/semaphore.js';
import { SharedValue } from '#src/primitives/shared-value.js';
import { StructHandle } from '#src/primitives/struct.js';
import { SharedLab } from '../shared-lab.ts';
import { killAt, wasKilled } from '../twins/kill-at.ts';

const LAB_BYTES = 1024 * 1024;
const MOST_STORES = 2000;

const KINDS: readonly [string, (memory: LabMemory) => Primitive][] = [
  ['a lock', (memory) => Lock.create(memory)],
  ['a lock with a name', (memory) => Lock.create(memory, { name: 'x'.repeat(100) })],
  ['a queue', (memory) => Queue.create(memory, { sizeBytes: 4096 })],
  ['a joinable queue', (memory) => JoinableQueue.create(memory, { sizeBytes: 4096 })],
  ['a LIFO queue', (memory) => LifoQueue.create(memory)],
  ['an end of a pipe', (memory) => Connection.createPipe(memory, { capacityBytes: 1024 })[0]],
  ['a semaphore', (memory) => Semaphore.create(memory, 1)],
  ['an event', (memory) => Event.create(memory)],
  ['a condition', (memory) => Condition.create(memory)],
  ['a condition with a given lock', (memory) => Condition.create(memory, { lock: Lock.create(memory) })],
  ['a barrier', (memory) => Barrier.create(memory, 2)],
  ['a readers-writer lock', (memory) => RwLock.create(memory)],
  ['a shared value', (memory) => SharedValue.create(memory, 'i', 1)],
  ['a struct', (memory) => StructHandle.create(memory, { x: 'i' })],
];

/** Kills a process at each store of what it does in turn, in a lab of its own each time, until it gets through. */
function atEveryStore(
  prepare: (ours: LabMemory, lab: SharedLab) => () => unknown,
  check: (ours: LabMemory, at: number) => void,
): void {
  for (let at = 1, done = false; !done; at++) {
    expect(at, 'the number of stores').toBeLessThan(MOST_STORES);
    using lab = new SharedLab(2, LAB_BYTES);
    const act = prepare(lab.memory(0), lab);
    const revive = killAt(lab.memory(1).cells, at);
    try {
      act();
      done = true;
    } catch (error) {
      if (!wasKilled(error)) throw error;
    }
    revive();
    lab.reap(1);
    check(lab.memory(0), at);
  }
}

describe.each(KINDS)('killed at every store with %s', (_name, make) => {
  test('that it is just making: nothing is left', () => {
    atEveryStore(
      (_ours, lab) => () => make(lab.memory(1)),
      (ours, at) => expect(ours.arena.usedBytes(), `killed at store ${at}`).toBe(0),
    );
  });

  test('of its own, at its end: nothing is left', () => {
    atEveryStore(
      (_ours, lab) => {
        const object = make(lab.memory(1));
        return () => object.close();
      },
      (ours, at) => expect(ours.arena.usedBytes(), `killed at store ${at}`).toBe(0),
    );
  });

  test('that another has too, at its end: what the other has is as before', () => {
    let before: readonly number[] = [];
    let object: Primitive;
    atEveryStore(
      (ours, lab) => {
        object = make(ours);
        before = figures(ours, object);
        const theirs = lab.send(object, 0, 1);
        return () => theirs.close();
      },
      (ours, at) => expect(figures(ours, object), `killed at store ${at}`).toEqual(before),
    );
  });
});

test('killed at every store of the end of a directory lock, before another is made: that one keeps its path', () => {
  const place = path.join(os.tmpdir(), `ipc-lab-test-${process.pid}`);
  let other: DirectoryLock;
  atEveryStore(
    (ours, lab) => {
      const lock = DirectoryLock.create(lab.memory(1));
      return () => {
        try {
          lock.close();
        } finally {
          other = DirectoryLock.create(ours, place);
        }
      };
    },
    (ours, at) => {
      const paths = [...placesIn(ours)].map((blob) => Buffer.from(readBlob(ours.cells, blob)).toString());
      expect(paths, `killed at store ${at}`).toEqual([place]);
      other.close();
      expect([...placesIn(ours)], `killed at store ${at}`).toEqual([]);
    },
  );
});

const LARGE = 'x'.repeat(5000);

const MESSAGES: readonly [string, (lock: Lock) => unknown][] = [
  ['a text', () => 'some text'],
  ['a large text', () => LARGE],
  ['many bytes', () => new Uint8Array(5000)],
  ['a clone with a lock', (lock) => ({ lock })],
  ['a large clone with a lock', (lock) => [{ lock }, LARGE]],
];

type AnyQueue = Queue | LifoQueue;

const QUEUES: readonly [string, (memory: LabMemory) => AnyQueue][] = [
  ['queue', (memory) => Queue.create(memory, { sizeBytes: 4096 })],
  ['LIFO queue', (memory) => LifoQueue.create(memory)],
];

type Act = (theirs: AnyQueue, ours: AnyQueue, theirValue: unknown, ourValue: unknown) => () => unknown;

const ACTS: readonly [string, Act][] = [
  ['put', (theirs, _ours, value) => () => theirs.put(value)],
  [
    'get',
    (theirs, ours, _theirValue, value) => {
      ours.put('before');
      theirs.get();
      ours.put(value);
      return () => theirs.get();
    },
  ],
  [
    'close, by the last who has it and a message in it,',
    (theirs, ours, value) => {
      theirs.put(value);
      ours.close();
      return () => theirs.close();
    },
  ],
];

const SCENES = QUEUES.flatMap(([kind, create]) => ACTS.map(([name, act]) => [name, kind, create, act] as const));

describe.each(SCENES)('killed at every store of a %s of a %s', (_name, _kind, create, act) => {
  test.each(MESSAGES)('with %s', (_message, make) => {
    let queue: AnyQueue;
    let lock: Lock;
    let before: readonly number[] = [];
    atEveryStore(
      (ours, lab) => {
        lock = Lock.create(ours);
        before = figures(ours, lock);
        queue = create(ours);
        const theirLock = lab.send(lock, 0, 1);
        return act(lab.send(queue, 0, 1), queue, make(theirLock), make(lock));
      },
      (ours, at) => {
        if (!queue.closed) while (queue.size > 0) queue.get();
        queue.close();
        expect(figures(ours, lock), `killed at store ${at}`).toEqual(before);
      },
    );
  });
});

function figures({ arena, objects }: LabMemory, object: Primitive): readonly number[] {
  return [arena.usedBytes(), objects.references(object[SHARED_OBJECT])];
}
