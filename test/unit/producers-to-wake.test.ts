/** How many of the producers that found a ring full hear of what a consumer takes. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { currentPlatform } from '#src/platform/current.js';
import { MessageRing, RING_CELLS, UNBOUNDED } from '#src/primitives/message-ring.js';
import { Queue } from '#src/primitives/queue.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;
let memory: LabMemory;

beforeEach(() => {
  lab = new SharedLab(2);
  memory = lab.memory(0);
});
afterEach(() => lab[Symbol.dispose]());

const EVERYBODY = 2 ** 31 - 1;
/** Longer than the test may take: who is not woken is never heard of again. */
const ENDLESS_MS = 600_000;
/** With its header: 32 bytes. */
const BODY_BYTES = 16;

/** Fills a ring and takes everything out; returns what each message that was taken says. @param start where its counters begin */
function drained(sizeBytes: number, capacity = UNBOUNDED, start = 0): number[] {
  const { cells, arena } = memory;
  const base = arena.allocate(RING_CELLS * 4) / 4;
  MessageRing.initialize(cells, base, arena.allocate(sizeBytes), sizeBytes, capacity, start);
  const ring = new MessageRing(cells, base);
  while (ring.reserve(0, BODY_BYTES, 0) !== undefined) ring.commit();
  const said: number[] = [];
  while (ring.peek() !== undefined) {
    ring.take();
    said.push(ring.producersToWake());
  }
  return said;
}

describe('of a small ring', () => {
  test.each([
    ['in bytes', 4096, UNBOUNDED],
    ['in messages', 65_536, 20],
  ])('(%s) each message that is taken wakes one', (_what, sizeBytes, capacity) => {
    const said = drained(sizeBytes, capacity);
    expect(said.length).toBe(capacity === UNBOUNDED ? sizeBytes / 32 : capacity);
    expect(new Set(said)).toEqual(new Set([1]));
  });
});

describe('of a large ring', () => {
  test.each([
    ['in bytes', UNBOUNDED, 2048, 0],
    ['in bytes, its counters next to their wrap', UNBOUNDED, 2048, 2 ** 31 - 8000],
    ['in messages', 1000, 1000, 0],
    ['in messages, its counters next to their wrap', 1000, 1000, 2 ** 31 - 100],
  ])('(%s) the one that leaves it half empty wakes all, and no other anybody', (_what, capacity, messages, start) => {
    const said = drained(65_536, capacity, start);
    expect(said.length).toBe(messages);
    expect(said.flatMap((count, i) => (count === 0 ? [] : [[i + 1, count]]))).toEqual([[messages / 2, EVERYBODY]]);
  });

  test('who waits for room asynchronously is woken by then, without a look of its own', async () => {
    const platform = currentPlatform();
    using patient = new SharedLab(2, undefined, {
      ...platform,
      waitAsync: (mapping, byteOffset, expected) => platform.waitAsync(mapping, byteOffset, expected, ENDLESS_MS),
    });
    const queue = Queue.create<string>(patient.memory(0), { sizeBytes: 65_536 });
    const theirs = patient.send(queue, 0, 1);
    const text = 'x'.repeat(1000);
    while (queue.tryPut(text));
    const putting = queue.putAsync(text);
    const full = queue.size;
    const half = Math.ceil(full / 2) + 1;
    for (let taken = 0; taken < half; taken++) theirs.get();
    await putting;
    expect(queue.size).toBe(full - half + 1);
  });
});
