import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Shareable } from '#src/primitives/shareable.js';
import { ShareableList } from '#src/primitives/shareable-list.js';
import { SharedLab } from '../shared-lab.ts';

/** Weighted towards what lists of this kind have lost elsewhere: NULs at the end, text outside ASCII, half a surrogate pair, a byte order mark. */
const VALUE: fc.Arbitrary<Shareable> = fc.oneof(
  fc.double(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.boolean(),
  fc.constant(null),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('\0', 'é', '共', '𝄞', '\uD834', '\uFEFF', 'a'), maxLength: 20 }),
  fc.uint8Array({ maxLength: 20 }),
  fc.uint8Array({ maxLength: 4, max: 1 }).map((bytes) => Uint8Array.of(...bytes, 0)),
);

/** The bytes that a value takes in its slot, and the room that its slot gets. */
function sizeOf(value: Shareable): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== 'string') return 0;
  const bytes = Buffer.from(value);
  return bytes.toString() === value ? bytes.length : 2 * value.length;
}

function same(one: Shareable, other: Shareable): boolean {
  if (one instanceof Uint8Array || other instanceof Uint8Array) {
    return one instanceof Uint8Array && other instanceof Uint8Array && Buffer.from(one).equals(other);
  }
  return [one].includes(other);
}

test('a list gives back what it was given, in each of two processes', () => {
  using lab = new SharedLab(2);
  const step = fc.record({ index: fc.integer({ min: -12, max: 12 }), value: VALUE, by: fc.nat(1) });
  fc.assert(
    fc.property(fc.array(VALUE, { maxLength: 10 }), fc.array(step, { maxLength: 30 }), (initial, steps) => {
      const model = [...initial];
      const rooms = initial.map((value) => (Math.floor(sizeOf(value) / 8) + 1) * 8);
      using ours = ShareableList.create(lab.memory(0), initial);
      using theirs = lab.send(ours, 0, 1);
      for (const { index, value, by } of steps) {
        const list = by === 0 ? ours : theirs;
        const at = index < 0 ? index + model.length : index;
        if (at < 0 || at >= model.length || sizeOf(value) > (rooms[at] ?? 0)) {
          expect(() => list.set(index, value)).toThrow(expect.objectContaining({ code: 'ERR_IPC_OUT_OF_RANGE' }));
        } else {
          list.set(index, value);
          model[at] = value;
        }
        expect([...ours]).toEqual(model);
        expect([...theirs]).toEqual(model);
        expect(list.count(value)).toBe(model.filter((each) => same(each, value)).length);
        expect(list.indexOf(value)).toBe(model.findIndex((each) => same(each, value)));
      }
    }),
  );
  expect(lab.memory(0).arena.usedBytes()).toBe(0);
});
