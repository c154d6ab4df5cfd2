/** Slots are given to other processes in time: who has a slot now is not who held a queue when it was another's. */
import { openSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LabMemory } from '#src/memory/lab-memory.js';
import { SLOT_COUNT } from '#src/memory/layout.js';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { INDEX_MASK } from '#src/memory/slot-layout.js';
import { currentPlatform } from '#src/platform/current.js';
import { registerPrimitives } from '#src/primitives/attach-table.js';
import { Queue } from '#src/primitives/queue.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;
let queue: Queue;
const opened: LabMemory[] = [];

beforeEach(() => {
  lab = new SharedLab(2);
  queue = Queue.create(lab.memory(0));
});
afterEach(() => {
  for (const memory of opened.splice(0)) memory.close();
  lab[Symbol.dispose]();
});

/** Ends the other process and starts another in its slot. */
function successor(): LabMemory {
  const { slots, segment } = lab.memory(0);
  const before = lab.memory(1).self;
  lab.reap(1);
  slots.release(before);
  for (;;) {
    const id = slots.claim('successor', 0, false);
    if ((id & INDEX_MASK) !== (before & INDEX_MASK)) {
      slots.release(id);
      continue;
    }
    expect(id).not.toBe(before);
    slots.spawned(id, process.pid);
    const memory = LabMemory.attach(currentPlatform(), openSync(`/proc/self/fd/${segment.descriptor}`, 'r+'), id);
    registerPrimitives(memory);
    opened.push(memory);
    return memory;
  }
}

test('a process that has the slot of a dead holder holds nothing', () => {
  lab.send(queue, 0, 1);
  expect(queue.anyoneElse).toBe(true);
  const later = successor();
  expect(later.self & INDEX_MASK).toBeLessThan(SLOT_COUNT);
  expect(queue.anyoneElse).toBe(false);
});

test('a process that has the slot of a dead holder and gets the queue is one holder, and its end is noticed', () => {
  lab.send(queue, 0, 1);
  const { objects, slots } = lab.memory(0);
  const later = successor();
  const theirs = later.take(lab.memory(0).put(queue, 'a value')) as Queue;
  theirs.put('a word');
  expect([queue.anyoneElse, objects.references(queue[SHARED_OBJECT]), queue.get()]).toEqual([true, 2, 'a word']);
  slots.ended(later.self, 0, 0);
  expect(queue.anyoneElse).toBe(false);
});

test('the last holder frees a queue although a dead process had it, when another got it in its place', () => {
  lab.send(queue, 0, 1);
  const theirs = successor().take(lab.memory(0).put(queue, 'a value')) as Queue;
  queue.close();
  theirs.close();
  expect(lab.memory(0).arena.usedBytes()).toBe(0);
});
