/** Codecs with one mistake each. The examinations that the real ones pass catch every one of them. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { Lock } from '#src/primitives/lock.js';
import { decodeBytes, encodeShareable } from '#src/primitives/shareable.js';
import { SharedLab } from '../shared-lab.ts';

/** Brings a value from one process to another. */
type Codec = (value: unknown, from: LabMemory, to: LabMemory) => unknown;

const real: Codec = (value, from, to) => to.take(from.put(value, 'a value'));

const json: Codec = (value) => JSON.parse(JSON.stringify(value) ?? 'null') as unknown;

/** Decodes each message as if nothing in it were shared with the one before. */
const forgetsHandles: Codec = (value, from, to) => structuredClone(stripped(real(value, from, to)));

function stripped(value: unknown): unknown {
  if (value instanceof Lock) return { name: value.name };
  return Array.isArray(value) ? value.map(stripped) : value;
}

const SAMPLES: readonly unknown[] = [
  0.1,
  -0,
  Number.NaN,
  Infinity,
  2n ** 64n,
  undefined,
  [undefined, null],
  '锁\0',
  '\uD834',
  new Map([[1, new Set(['a'])]]),
  new Date(0),
  Uint8Array.of(0, 255, 0),
  { a: undefined },
];

/** What came back as another than it was. */
function examine(codec: Codec): unknown[] {
  using lab = new SharedLab(2);
  const [ours, theirs] = [lab.memory(0), lab.memory(1)];
  const arrives = (value: unknown): boolean => {
    try {
      return isDeepStrictEqual(codec(value, ours, theirs), value);
    } catch {
      return false;
    }
  };
  const wrong = SAMPLES.filter((value) => !arrives(value));
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  try {
    const [inside] = codec([cyclic], ours, theirs) as unknown[][];
    if (inside?.[0] !== inside) wrong.push('a cycle');
  } catch {
    wrong.push('a cycle');
  }
  const lock = Lock.create(ours);
  try {
    const [one, same] = codec([lock, lock], ours, theirs) as [Lock, Lock];
    one.acquire();
    if (one !== same || !lock.locked) wrong.push('a lock');
  } catch {
    wrong.push('a lock');
  }
  return wrong;
}

describe('the codec of messages', () => {
  test('brings everything back as it was', () => {
    expect(examine(real)).toEqual([]);
  });

  test.each([
    ['is JSON', json, [Number.NaN, 'a cycle', 'a lock']],
    ['copies what is shared', forgetsHandles, ['a lock']],
  ])('that %s is caught', (_mistake, codec, some) => {
    expect(examine(codec)).toEqual(expect.arrayContaining(some));
  });
});

type Slot = (text: string | Uint8Array) => unknown;

const realSlot: Slot = (value) => {
  const { type, bytes } = encodeShareable(value, 'a value');
  return decodeBytes(type, bytes);
};
/** As struct.pack and its padding: what ends in NUL comes back without. */
const stripsNuls: Slot = (value) => {
  const { type, bytes } = encodeShareable(value, 'a value');
  return decodeBytes(type, bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1));
};
/** Makes room for as many bytes as the text has characters. */
const countsCharacters: Slot = (value) => {
  const { type, bytes } = encodeShareable(value, 'a value');
  return decodeBytes(type, bytes.subarray(0, value.length));
};
/** Has UTF-8 only. */
const narrow: Slot = (value) => (typeof value === 'string' ? Buffer.from(value).toString() : value);

describe('the slots of a list', () => {
  const texts = ['', 'a\0', '\0', 'é共𝄞', '\uD834', Uint8Array.of(0, 1, 0)];
  const wrong = (slot: Slot): unknown[] => texts.filter((text) => !isDeepStrictEqual(slot(text), text));

  test('hold what they were given', () => {
    expect(wrong(realSlot)).toEqual([]);
  });

  test.each<[string, Slot, unknown[]]>([
    ['lose NULs at the end', stripsNuls, ['a\0', '\0', Uint8Array.of(0, 1, 0)]],
    ['count characters', countsCharacters, ['é共𝄞']],
    ['know only UTF-8', narrow, ['\uD834']],
  ])('that %s are caught', (_mistake, slot, lost) => {
    expect(wrong(slot)).toEqual(expect.arrayContaining(lost));
  });
});
