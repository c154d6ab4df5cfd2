import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RawArray } from '#src/primitives/raw-array.js';
import { SharedArray } from '#src/primitives/shared-array.js';
import type { TypeCode } from '#src/primitives/type-code.js';
import { SharedLab } from '../shared-lab.ts';

const wholeNumber = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const bigint = (min: bigint, max: bigint): fc.Arbitrary<bigint> => fc.bigInt({ min, max });

const ELEMENT: { readonly [C in TypeCode]: fc.Arbitrary<unknown> } = {
  b: wholeNumber(-128, 127),
  B: wholeNumber(0, 255),
  h: wholeNumber(-32_768, 32_767),
  H: wholeNumber(0, 65_535),
  i: wholeNumber(-(2 ** 31), 2 ** 31 - 1),
  I: wholeNumber(0, 2 ** 32 - 1),
  q: bigint(-(2n ** 63n), 2n ** 63n - 1n),
  Q: bigint(0n, 2n ** 64n - 1n),
  f: fc.float(),
  d: fc.double(),
  c: wholeNumber(0, 255).map((code) => String.fromCharCode(code)),
};

type Step =
  | { readonly kind: 'get'; readonly index: number }
  | { readonly kind: 'set'; readonly index: number; readonly value: unknown }
  | { readonly kind: 'slice'; readonly start: number | undefined; readonly end: number | undefined }
  | { readonly kind: 'assign'; readonly start: number; readonly values: readonly unknown[] };

function steps(code: TypeCode): fc.Arbitrary<Step[]> {
  const index = fc.integer({ min: -12, max: 12 });
  const bound = fc.option(index, { nil: undefined });
  return fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('get' as const), index }),
      fc.record({ kind: fc.constant('set' as const), index, value: ELEMENT[code] }),
      fc.record({ kind: fc.constant('slice' as const), start: bound, end: bound }),
      fc.record({
        kind: fc.constant('assign' as const),
        start: index,
        values: fc.array(ELEMENT[code], { maxLength: 12 }),
      }),
    ),
    { maxLength: 40 },
  );
}

const REFUSED = 'refused';

/** What a plain array does, with an index out of range refused instead of growing it. */
function onModel(model: unknown[], step: Step): unknown {
  if (step.kind === 'slice') return model.slice(step.start, step.end);
  if (step.kind === 'assign') {
    if (step.values.length > 0 && (step.start < 0 || step.start + step.values.length > model.length)) return REFUSED;
    model.splice(step.start, step.values.length, ...step.values);
    return undefined;
  }
  const at = step.index < 0 ? step.index + model.length : step.index;
  if (at < 0 || at >= model.length) return REFUSED;
  if (step.kind === 'get') return model[at];
  model[at] = step.value;
  return undefined;
}

function onArray(array: RawArray<'i'> | SharedArray<'i'>, step: Step): unknown {
  try {
    if (step.kind === 'get') return array.get(step.index);
    if (step.kind === 'slice') return array.slice(step.start, step.end);
    if (step.kind === 'set') array.set(step.index, step.value as number);
    else array.assign(step.values as number[], step.start);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_IPC_OUT_OF_RANGE' });
    return REFUSED;
  }
}

describe.each(Object.keys(ELEMENT).map((code) => [code as TypeCode]))('arrays of %s', (code) => {
  test('do what a plain array does, as two processes see it', () => {
    using lab = new SharedLab(2);
    fc.assert(
      fc.property(fc.array(ELEMENT[code], { maxLength: 10 }), steps(code), (initial, sequence) => {
        const raw = RawArray.create(lab.memory(0), code, initial as never) as unknown as RawArray<'i'>;
        const shared = SharedArray.create(lab.memory(0), code, initial as never) as unknown as SharedArray<'i'>;
        const [theirRaw, theirShared] = lab.send([raw, shared] as const, 0, 1);
        const model = [...initial];
        for (const step of sequence) {
          const wanted = onModel(model, step);
          expect(onArray(raw, step)).toEqual(wanted);
          expect(onArray(theirShared, step)).toEqual(wanted);
          expect([...theirRaw]).toEqual(model);
          expect([...shared]).toEqual(model);
        }
        for (const array of [raw, shared, theirRaw, theirShared]) array.close();
      }),
      { numRuns: 40 },
    );
    expect(lab.memory(0).arena.usedBytes(), 'all memory was given back').toBe(0);
  });
});
