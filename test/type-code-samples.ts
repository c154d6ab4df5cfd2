import type { ElementOf, TypeCode } from 'ipc-lab';

/** Elements at and near the edges of what each type code holds. */
export const SAMPLES: { readonly [C in TypeCode]: readonly ElementOf<C>[] } = {
  b: [-128, -1, 0, 1, 127],
  B: [0, 1, 128, 255],
  h: [-32_768, -1, 0, 32_767],
  H: [0, 1, 32_768, 65_535],
  i: [-(2 ** 31), -1, 0, 2 ** 31 - 1],
  I: [0, 1, 2 ** 31, 2 ** 32 - 1],
  q: [-(2n ** 63n), -1n, 0n, 2n ** 63n - 1n],
  Q: [0n, 1n, 2n ** 63n, 2n ** 64n - 1n],
  f: [Number.NEGATIVE_INFINITY, -1.5, -0, 0.25, Math.fround(0.1), Number.NaN],
  d: [Number.NEGATIVE_INFINITY, -0, 0.1, Number.MIN_VALUE, Number.MAX_VALUE, Number.NaN],
  c: ['\0', 'a', '\x7f', 'ÿ'],
};

export const TYPE_CODES = Object.keys(SAMPLES) as readonly TypeCode[];
