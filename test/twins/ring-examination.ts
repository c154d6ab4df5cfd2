/** What every ring of messages must do, whoever made it: given to the real one and to its broken twins. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { Cells } from '#src/memory/cells.js';
import { type MessageRing, RING_CELLS, UNBOUNDED } from '#src/primitives/message-ring.js';
import { SharedLab } from '../shared-lab.ts';
import { killAt, wasKilled } from './kill-at.ts';

/** As {@link MessageRing}, or not quite. */
export type RingClass = typeof MessageRing;

const RECORD_HEADER_BYTES = 16;
const GUARD_BYTES = 128;
const UNTOUCHED = new Uint8Array(GUARD_BYTES).fill(0xa5);

/** Numbers of messages and bytes whose counters soon pass from 2^31-1 to -2^31, or from -1 to 0. */
export const STARTS = [0, 2 ** 31 - 400, 2 ** 31 - 8, 2 ** 32 - 400, 2 ** 32 - 8, 12_345].map((start) => start | 0);

interface Message {
  readonly kind: number;
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** A ring between two guards, as two processes see it. */
class Arrangement {
  readonly rings: readonly MessageRing[];
  readonly #cells: readonly Cells[];
  readonly #guards: readonly number[];

  constructor(lab: SharedLab, Ring: RingClass, sizeBytes: number, capacity: number, start: number) {
    const { arena } = lab.memory(0);
    this.#cells = lab.memories.map(({ cells }) => cells);
    const cells = lab.memory(0).cells;
    const baseCell = arena.allocate(RING_CELLS * 4) / 4;
    const around = arena.allocate(sizeBytes + 2 * GUARD_BYTES);
    this.#guards = [around, around + GUARD_BYTES + sizeBytes];
    for (const guard of this.#guards) cells.copyIn(guard, UNTOUCHED);
    Ring.initialize(cells, baseCell, around + GUARD_BYTES, sizeBytes, capacity, start);
    this.rings = this.#cells.map((each) => new Ring(each, baseCell));
  }

  put(process: number, { kind, number, bytes }: Message): boolean {
    const ring = this.rings[process] as MessageRing;
    const at = ring.reserve(kind, bytes.length, number);
    if (at === undefined) return false;
    same(at % 8, 0, 'a double can be stored there');
    this.#cells[process]?.copyIn(at, bytes);
    ring.commit();
    return true;
  }

  take(process: number): Message | undefined {
    const ring = this.rings[process] as MessageRing;
    const record = ring.peek();
    if (record === undefined) return undefined;
    const { kind, number, length, byteOffset } = record;
    const bytes = new Uint8Array(length);
    this.#cells[process]?.copyOut(byteOffset, bytes);
    ring.take();
    return { kind, number, bytes };
  }

  checkGuards(): void {
    for (const guard of this.#guards) {
      const bytes = new Uint8Array(GUARD_BYTES);
      this.#cells[0]?.copyOut(guard, bytes);
      same(bytes, UNTOUCHED, 'nothing is written outside the ring');
    }
  }
}

/** An assertion without the price of one: there are a million of them. */
function same(found: unknown, wanted: unknown, what: string): void {
  if (found !== wanted && !isDeepStrictEqual(found, wanted)) {
    throw new Error(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
  }
}

function message(stamp: number, length: number): Message {
  return {
    kind: stamp % 16,
    number: (stamp * 2_654_435_761) | 0,
    bytes: Uint8Array.from({ length }, (_, i) => stamp * 7 + i),
  };
}

type Step = { readonly put: boolean; readonly process: 0 | 1; readonly length: number };

/** What bounds a ring: its bytes, counted with what is left unused at the end, and its capacity. */
class Model {
  readonly messages: { readonly message: Message; readonly end: number }[] = [];
  #tail: number;
  #head: number;
  readonly #size: number;
  readonly #capacity: number;

  constructor(size: number, capacity: number, start: number) {
    this.#size = size;
    this.#capacity = capacity;
    // Unsigned and beyond 2^32: the model does not wrap.
    this.#tail = (start & ~7) >>> 0;
    this.#head = this.#tail;
  }

  put(each: Message): boolean {
    const bytes = RECORD_HEADER_BYTES + Math.ceil(each.bytes.length / 8) * 8;
    const toEnd = this.#size - (this.#tail % this.#size);
    const end = this.#tail + (toEnd < bytes ? toEnd : 0) + bytes;
    if (end - this.#head > this.#size || this.messages.length >= this.#capacity) return false;
    this.messages.push({ message: each, end });
    this.#tail = end;
    return true;
  }

  take(): Message | undefined {
    const first = this.messages.shift();
    if (first !== undefined) this.#head = first.end;
    return first?.message;
  }
}

const step: fc.Arbitrary<Step> = fc.record({
  put: fc.boolean(),
  process: fc.constantFrom<(0 | 1)[]>(0, 1),
  length: fc.oneof(fc.nat(15), fc.nat(48)),
});

/** Two processes put and take in any order: what comes out is what an array would give, and it is full exactly when it is full. */
export function examineAgainstModel(Ring: RingClass, numRuns: number, seed?: number): void {
  using lab = new SharedLab(2);
  fc.assert(
    fc.property(
      fc.constantFrom(256, 512, 1024),
      fc.constantFrom(UNBOUNDED, 1, 3),
      fc.constantFrom(...STARTS),
      fc.array(step, { minLength: 1, maxLength: 100, size: 'max' }),
      (sizeBytes, capacity, start, steps) => {
        const queue = new Arrangement(lab, Ring, sizeBytes, capacity, start);
        const model = new Model(sizeBytes, capacity, start);
        for (const [stamp, { put, process, length }] of steps.entries()) {
          if (put) {
            const each = message(stamp, length);
            same(queue.put(process, each), model.put(each), 'whether there is room');
          } else {
            same(queue.take(process), model.take(), 'what is taken');
          }
          const { length: inside } = model.messages;
          for (const ring of queue.rings) same([ring.count, ring.empty], [inside, inside === 0], 'the count');
        }
        queue.checkGuards();
      },
    ),
    { numRuns, includeErrorInReport: true, ...(seed === undefined ? {} : { seed }) },
  );
}

/**
 * One process puts, or takes, and is killed at its first store, at its second and so on; another goes on in its place. What was in is in, what
 * was not is not, nothing is half, and the counts are right.
 */
export function examineDeaths(Ring: RingClass, start: number): void {
  using lab = new SharedLab(2, 16 * 1024 * 1024);
  const LENGTHS = [0, 5, 40, 48, 31, 8, 17];
  for (let before = 0; before < 16; before++) {
    const left = before % 2 === 0 ? 2 : 1;
    for (const act of ['put', 'take'] as const) {
      for (let at = 1, alive = false; !alive; at++) {
        const queue = new Arrangement(lab, Ring, 256, UNBOUNDED, start);
        const inside: Message[] = [];
        // Turns the ring, so that some records begin at its start, and leaves one or two in it.
        for (let i = 0; i < before + left; i++) {
          const each = message(i, LENGTHS[i % LENGTHS.length] ?? 0);
          same(queue.put(0, each), true, 'whether there is room');
          inside.push(each);
          if (i >= left) same(queue.take(1), inside.shift(), 'what is taken');
        }
        const last = message(before + 100, LENGTHS[(before + 3) % LENGTHS.length] ?? 0);
        alive = !dies(lab, queue, at, () => (act === 'put' ? queue.put(0, last) : queue.take(0)));
        const survivor = queue.rings[1] as MessageRing;
        if (survivor.empty) same(survivor.count, 0, 'the count of an empty ring, which nobody comes to mend');
        if (act === 'put') survivor.settlePut();
        else survivor.settleGet();
        if (act === 'put' && survivor.count === inside.length + 1) inside.push(last);
        if (act === 'take' && survivor.count === inside.length - 1) inside.shift();
        if (alive) same(survivor.count, act === 'put' ? left + 1 : left - 1, 'the count');
        const next = message(before + 200, 3);
        if (queue.put(1, next)) inside.push(next);
        same(survivor.count, inside.length, `the count after a death at store ${at} of a ${act}`);
        const rest: unknown[] = [];
        for (let each = queue.take(1); each !== undefined; each = queue.take(1)) rest.push(each);
        same(rest, inside, `what is in it after a death at store ${at} of a ${act}`);
        same([survivor.count, survivor.empty], [0, true], 'the count in the end');
        queue.checkGuards();
      }
    }
  }
}

function dies(lab: SharedLab, queue: Arrangement, at: number, work: () => unknown): boolean {
  const { cells } = lab.memory(0);
  const revive = killAt(cells, at);
  try {
    work();
    return false;
  } catch (error) {
    if (!wasKilled(error)) throw error;
    return true;
  } finally {
    revive();
    queue.checkGuards();
  }
}
