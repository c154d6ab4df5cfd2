import { describe, expect, test } from 'vitest';
import { elementKind, kindAt, kindIndex, refuseUnfit, type TypeCode } from '#src/primitives/type-code.js';
import { TYPE_CODES } from '../type-code-samples.ts';

function refusal(code: TypeCode, value: unknown): { code?: string; message?: string } {
  try {
    refuseUnfit(elementKind(code), value, 'the value');
  } catch (error) {
    return error as { code: string; message: string };
  }
  return {};
}

describe('type codes', () => {
  test('are b B h H i I q Q f d c, and keep their number in shared memory', () => {
    const sizes = { b: 1, B: 1, h: 2, H: 2, i: 4, I: 4, q: 8, Q: 8, f: 4, d: 8, c: 1 };
    expect(TYPE_CODES).toEqual(Object.keys(sizes));
    expect(TYPE_CODES.map((code) => kindIndex(elementKind(code)))).toEqual(TYPE_CODES.map((_, index) => index));
    expect(TYPE_CODES.map((code) => elementKind(code).sizeBytes)).toEqual(Object.values(sizes));
    for (const code of TYPE_CODES) expect(kindAt(kindIndex(elementKind(code)))).toBe(elementKind(code));
  });

  test.each(['z', '', 'ii', 'int', 'constructor'])('there is no %j, and the refusal lists what there is', (code) => {
    expect(() => elementKind(code)).toThrow(
      expect.objectContaining({
        code: 'ERR_IPC_INVALID_ARGUMENT',
        message: `there is no type code ${JSON.stringify(code)}`,
        hint: expect.stringMatching(/^Type codes are b \(Int8\), .*, c \(character\)\.$/) as string,
      }),
    );
  });

  test('an unknown number in shared memory is an internal error', () => {
    expect(() => kindAt(99)).toThrow(expect.objectContaining({ code: 'ERR_IPC_INTERNAL' }));
  });
});

describe('what fits', () => {
  test.each<[TypeCode, unknown]>([
    ['b', -128],
    ['b', 127],
    ['B', 0],
    ['B', 255],
    ['h', -32_768],
    ['H', 65_535],
    ['i', -(2 ** 31)],
    ['i', 2 ** 31 - 1],
    ['I', 2 ** 32 - 1],
    ['i', -0],
    ['q', -(2n ** 63n)],
    ['q', 2n ** 63n - 1n],
    ['Q', 2n ** 64n - 1n],
    ['f', 0.1],
    ['f', 1e300],
    ['d', Number.NaN],
    ['d', Number.NEGATIVE_INFINITY],
    ['c', 'a'],
    ['c', '\0'],
    ['c', 'ÿ'],
  ])('%s takes %s', (code, value) => {
    expect(refusal(code, value)).toEqual({});
  });

  test.each<[TypeCode, unknown, string]>([
    ['b', 128, 'ERR_IPC_OUT_OF_RANGE'],
    ['b', -129, 'ERR_IPC_OUT_OF_RANGE'],
    ['B', -1, 'ERR_IPC_OUT_OF_RANGE'],
    ['B', 256, 'ERR_IPC_OUT_OF_RANGE'],
    ['h', 32_768, 'ERR_IPC_OUT_OF_RANGE'],
    ['H', 65_536, 'ERR_IPC_OUT_OF_RANGE'],
    ['i', 2 ** 31, 'ERR_IPC_OUT_OF_RANGE'],
    ['I', -1, 'ERR_IPC_OUT_OF_RANGE'],
    ['I', 2 ** 32, 'ERR_IPC_OUT_OF_RANGE'],
    ['q', 2n ** 63n, 'ERR_IPC_OUT_OF_RANGE'],
    ['Q', -1n, 'ERR_IPC_OUT_OF_RANGE'],
    ['i', 3.14, 'ERR_IPC_INVALID_ARGUMENT'],
    ['i', Number.NaN, 'ERR_IPC_INVALID_ARGUMENT'],
    ['i', Number.POSITIVE_INFINITY, 'ERR_IPC_INVALID_ARGUMENT'],
    ['i', 1n, 'ERR_IPC_INVALID_ARGUMENT'],
    ['i', '1', 'ERR_IPC_INVALID_ARGUMENT'],
    ['i', null, 'ERR_IPC_INVALID_ARGUMENT'],
    ['q', 1, 'ERR_IPC_INVALID_ARGUMENT'],
    ['d', '1.5', 'ERR_IPC_INVALID_ARGUMENT'],
    ['d', 1n, 'ERR_IPC_INVALID_ARGUMENT'],
    ['f', {}, 'ERR_IPC_INVALID_ARGUMENT'],
    ['c', '', 'ERR_IPC_INVALID_ARGUMENT'],
    ['c', 'ab', 'ERR_IPC_INVALID_ARGUMENT'],
    ['c', '中', 'ERR_IPC_INVALID_ARGUMENT'],
    ['c', 97, 'ERR_IPC_INVALID_ARGUMENT'],
  ])('%s refuses %s', (typeCode, value, code) => {
    expect(refusal(typeCode, value)).toMatchObject({ code });
  });

  test('the refusal says what it holds, or what it takes, and what it got', () => {
    expect(refusal('B', 256).message).toBe("the value is of type 'B' (Uint8), which holds 0 to 255, not 256");
    expect(refusal('i', 0.5).message).toBe("the value is of type 'i' (Int32) and takes a whole number, not 0.5");
    expect(refusal('q', 5).message).toBe("the value is of type 'q' (BigInt64) and takes a bigint, as in 5n, not 5");
    expect(refusal('c', 'ab').message).toBe(
      `the value is of type 'c' (character) and takes one character of one byte, not "ab"`,
    );
  });
});
