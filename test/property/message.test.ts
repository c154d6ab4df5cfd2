/** What goes into a queue comes out of it in another process, on whichever way it took: in the ring, beside it, written straight or cloned. */
import { inspect, isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Lock } from '#src/primitives/lock.js';
import { Queue } from '#src/primitives/queue.js';
import { Tuple } from '#src/primitives/tuple.js';
import { SharedLab } from '../shared-lab.ts';

/** Any 16-bit units in a row, lone surrogates too. */
const units = (max: number): fc.Arbitrary<string> =>
  fc.array(fc.nat(max), { maxLength: 60 }).map((codes) => String.fromCharCode(...codes));
const text = fc.oneof(
  units(0x7f),
  units(0xff),
  units(0xffff),
  fc.nat(3000).map((length) => 'ä'.repeat(length)),
);
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(-0, 0, NaN, 2 ** 31, -(2 ** 31), 2 ** 31 - 1));
const simple = fc.oneof(fc.constantFrom(undefined, null, false, true), number, text);
const bytes = fc.uint8Array({ maxLength: 3000 });
const views = fc.oneof(
  bytes.map((each) => Buffer.from(each)),
  bytes.map((each) => each.subarray(each.length >> 1)),
  fc.float64Array(),
  fc.bigInt64Array(),
  bytes.map((each) => new DataView(each.slice().buffer)),
);
const anything = fc
  .anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, maxDepth: 3 })
  // Node calls some values different from themselves: two maps that hold an invalid date.
  .filter((value) => isDeepStrictEqual(structuredClone(value), structuredClone(value)));
const value = fc.oneof(simple, bytes, views, anything, fc.bigInt(), fc.date({ noInvalidDate: true }));

function expectSame(received: unknown, sent: unknown): void {
  const wanted = sent instanceof Uint8Array && !Buffer.isBuffer(sent) ? Uint8Array.from(sent) : sent;
  if (!isDeepStrictEqual(received, wanted))
    expect.fail(`${inspect(received, { depth: 9 })} is not ${inspect(wanted, { depth: 9 })}`);
  expect(Object.prototype.toString.call(received)).toBe(Object.prototype.toString.call(wanted));
}

const plain = (each: unknown): unknown =>
  Buffer.isBuffer(each) || !(typeof each === 'object') || each instanceof Uint8Array ? each : structuredClone(each);

describe.each([
  ['all beside the ring', 256],
  ['some of it beside the ring', 4096],
  ['in the ring', 512 * 1024],
])('a queue with room for messages, %s,', (_where, sizeBytes) => {
  test('gives the values back in their order, and all memory', () => {
    using lab = new SharedLab(2);
    const ours = Queue.create(lab.memory(0), { sizeBytes });
    const theirs = lab.send(ours, 0, 1);
    const { arena } = lab.memory(0);
    const used = arena.usedBytes();
    fc.assert(
      fc.property(fc.array(value, { maxLength: 8 }), (values) => {
        let got = 0;
        const get = (): void => expectSame(theirs.get(0), plain(values[got++]));
        for (const each of values) {
          while (!ours.tryPut(each)) get();
          expect(ours.size).toBe(theirs.size);
        }
        while (got < values.length) get();
        expect([theirs.size, theirs.tryGet()]).toEqual([0, undefined]);
        expect(arena.usedBytes()).toBe(used);
      }),
      { numRuns: 150, includeErrorInReport: true },
    );
  });

  test('takes a row of simple values as a tuple, and gives an array', () => {
    using lab = new SharedLab(2);
    const lock = Lock.create(lab.memory(0));
    const theirLock = lab.send(lock, 0, 1);
    const ours = Queue.create(lab.memory(0), { sizeBytes });
    const theirs = lab.send(ours, 0, 1);
    const used = lab.memory(0).arena.usedBytes();
    const element = fc.oneof({ weight: 5, arbitrary: simple }, fc.constant(lock), bytes);
    fc.assert(
      fc.property(fc.array(element, { maxLength: 6 }), (values) => {
        ours.put(new Tuple(...values));
        const received = theirs.get(0) as unknown[];
        expect(Array.isArray(received)).toBe(true);
        for (const [i, each] of values.entries()) expectSame(received[i], each === lock ? theirLock : each);
        expect(received.length).toBe(values.length);
        expect(lab.memory(0).arena.usedBytes()).toBe(used);
      }),
      { numRuns: 150, includeErrorInReport: true },
    );
  });
});
