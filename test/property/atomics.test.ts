import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RawArray } from '#src/primitives/raw-array.js';
import { RawValue } from '#src/primitives/raw-value.js';
import type { IntegerCode } from '#src/primitives/type-code.js';
import { SharedLab } from '../shared-lab.ts';

const TYPED_ARRAYS = {
  b: Int8Array,
  B: Uint8Array,
  h: Int16Array,
  H: Uint16Array,
  i: Int32Array,
  I: Uint32Array,
  q: BigInt64Array,
  Q: BigUint64Array,
} as const;

const OPERATIONS = ['add', 'sub', 'and', 'or', 'xor', 'exchange', 'compareExchange'] as const;
type Name = (typeof OPERATIONS)[number];
type Operand = number | bigint;
type Operations = Readonly<Record<Name, (...args: Operand[]) => Operand>>;

/** Also operands that the type cannot hold: they wrap, as `Atomics` wraps them. */
function operand(code: IntegerCode): fc.Arbitrary<Operand> {
  return code === 'q' || code === 'Q'
    ? fc.oneof(fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }), fc.bigInt({ min: -2n, max: 2n }))
    : fc.oneof(fc.integer({ min: -(2 ** 33), max: 2 ** 33 }), fc.integer({ min: -2, max: 2 }));
}

describe.each(Object.keys(TYPED_ARRAYS).map((code) => [code as IntegerCode]))('atomic operations on %s', (code) => {
  test('do what Atomics does, and leave the neighbours alone', () => {
    using lab = new SharedLab(1);
    const LENGTH = 9;
    const step = fc.record({
      name: fc.constantFrom(...OPERATIONS),
      index: fc.nat(LENGTH - 1),
      first: operand(code),
      second: operand(code),
      // Now and then what is expected is there.
      hit: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const model = new TYPED_ARRAYS[code](LENGTH) as Int32Array;
        using array = RawArray.create(lab.memory(0), code, LENGTH);
        using value = RawValue.create(lab.memory(0), code);
        const [ofArray, ofValue] = [array, value] as unknown as [Operations, Operations];
        for (const { name, index, first, second, hit } of steps) {
          const args: Operand[] = name === 'compareExchange' ? [hit ? (model[index] ?? 0) : first, second] : [first];
          (value as { value: Operand }).value = model[index] ?? 0;
          const before = (Atomics as unknown as Record<Name, (...all: unknown[]) => Operand>)[name](
            model,
            index,
            ...args,
          );
          expect(ofArray[name](index, ...args)).toBe(before);
          expect(ofValue[name](...args)).toBe(before);
          expect([...array]).toEqual([...model]);
          expect(value.value).toBe(model[index]);
        }
      }),
    );
  });
});
