import { describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { Barrier } from '#src/primitives/barrier.js';
import { Connection } from '#src/primitives/connection.js';
import { Event } from '#src/primitives/event.js';
import { LifoQueue } from '#src/primitives/lifo-queue.js';
import { OsPipe } from '#src/primitives/os-pipe.js';
import { Queue } from '#src/primitives/queue.js';
import { Semaphore } from '#src/primitives/semaphore.js';
import { coded } from '../coded.ts';
import { SharedLab } from '../shared-lab.ts';

/** Waits that nobody can end, in a process that is alone. */
const IN_VAIN: Readonly<Record<string, (memory: LabMemory, timeoutMs: number | undefined) => unknown>> = {
  'an event': (memory, timeoutMs) => Event.create(memory).wait(timeoutMs),
  'a semaphore': (memory, timeoutMs) => Semaphore.create(memory, 0).acquire(timeoutMs),
  'a queue': (memory, timeoutMs) => Queue.create(memory).get(timeoutMs),
  'a LIFO queue': (memory, timeoutMs) => LifoQueue.create(memory).get(timeoutMs),
  'an end of a pipe': (memory, timeoutMs) => Connection.createPipe(memory)[0].recv(timeoutMs),
  'an end of a pipe of the system': (memory, timeoutMs) => OsPipe.createPipe(memory)[0].read(1, timeoutMs),
};

describe.each(Object.entries(IN_VAIN))('a wait for %s that nobody can end', (_what, wait) => {
  test.each([undefined, Infinity])('is refused when it is for ever (%s)', (timeoutMs) => {
    using lab = new SharedLab(1);
    expect(() => wait(lab.memory(0), timeoutMs)).toThrow(coded('ERR_IPC_NOBODY_LEFT'));
  });
});

test('who came to a barrier and died is not counted', async () => {
  using lab = new SharedLab(3);
  const barrier = Barrier.create(lab.memory(0), 2);
  const theirs = lab.send(barrier, 0, 1);
  const entry = theirs.arrive();
  expect(entry.index).toBe(0);
  lab.die(1);
  expect(() => barrier.wait()).toThrow(coded('ERR_IPC_BROKEN_BARRIER'));
  expect(barrier.broken).toBe(true);
});
