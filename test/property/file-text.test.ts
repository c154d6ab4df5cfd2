/**
 * A text in a file: whatever a reader sees of a writer at work, it gets the old text, the new one, or none; never half of one. The same
 * questions are put to a broken writer, which must be caught.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isIpcError } from '#src/core/errors.js';
import { type Bytes, readText, TEXT_HEADER_BYTES, writeText } from '#src/primitives/file-text.js';

const SIZE = 256;

/** A file in ordinary memory, with a hook before each of its steps. */
class FakeFile implements Bytes {
  readonly label = 'the file';
  readonly bytes: Uint8Array;
  beforeStep: () => void = () => {};

  constructor(size = SIZE) {
    this.bytes = new Uint8Array(size);
  }

  get length(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    this.beforeStep();
    return this.bytes.slice(offset, offset + length);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, offset);
  }
}

interface Store {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

type Writer = (file: Bytes, text: string) => void;

/** What a writer stores, in its order; the text itself in pieces of at most `piece` bytes, as copying may be cut anywhere. */
function storesOf(write: Writer, before: FakeFile, text: string, piece: number): Store[] {
  const stores: Store[] = [];
  const file = new FakeFile(before.length);
  file.bytes.set(before.bytes);
  const recording: Bytes = {
    label: file.label,
    length: file.length,
    read: (offset, length) => file.read(offset, length),
    write(offset, bytes) {
      file.write(offset, bytes);
      if (offset < TEXT_HEADER_BYTES) stores.push({ offset, bytes: bytes.slice() });
      else
        for (let at = 0; at < bytes.length; at += piece)
          stores.push({ offset: offset + at, bytes: bytes.slice(at, at + piece) });
    },
  };
  write(recording, text);
  return stores;
}

/** Reads while a writer works: before the reader's step n, the writer does `pace[n]` of its stores. */
function readDuring(
  write: Writer,
  old: string,
  text: string,
  piece: number,
  pace: readonly number[],
): string | undefined {
  const file = new FakeFile();
  writeText(file, old);
  const stores = storesOf(write, file, text, piece);
  let step = 0;
  file.beforeStep = () => {
    for (const { offset, bytes } of stores.splice(0, pace[step++] ?? 0)) file.write(offset, bytes);
  };
  return readText(file);
}

/** Forgets that others may look: says at once that there is a text, and then brings it. */
function writeCarelessly(file: Bytes, text: string): void {
  const whole = new FakeFile(file.length);
  whole.bytes.set(file.read(0, file.length));
  writeText(whole, text);
  file.write(0, whole.bytes.slice(0, TEXT_HEADER_BYTES));
  file.write(TEXT_HEADER_BYTES, whole.bytes.slice(TEXT_HEADER_BYTES));
}

/** Says that it is at work, but knows no checksum and no sequence: the length alone tells that the text is there. */
function readByLength(file: Bytes): string {
  const length = new DataView(file.read(8, 4).buffer).getUint32(0, true);
  return new TextDecoder().decode(file.read(TEXT_HEADER_BYTES, length));
}

const anyText = fc.string({ unit: 'binary', maxLength: 40, size: 'max' });
const schedule = fc.array(fc.nat(6), { maxLength: 12, size: 'max' });

describe('a text in a file', () => {
  test('comes out as it went in', () => {
    fc.assert(
      fc.property(anyText, anyText, (first, second) => {
        const file = new FakeFile();
        for (const text of [first, second, first]) {
          writeText(file, text);
          expect(readText(file)).toBe(text);
        }
      }),
    );
  });

  test('is the old one, the new one or none while a writer works', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.integer({ min: 1, max: 8 }), schedule, (old, text, piece, pace) => {
        expect([old, text, undefined]).toContain(readDuring(writeText, old, text, piece, pace));
      }),
      { numRuns: 2000 },
    );
  });

  test('is none when its writer was killed, and the next writer cures it', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.nat(60), fc.integer({ min: 1, max: 8 }), (old, text, kill, piece) => {
        const file = new FakeFile();
        writeText(file, old);
        const stores = storesOf(writeText, file, text, piece);
        for (const { offset, bytes } of stores.slice(0, kill)) file.write(offset, bytes);
        expect(readText(file)).toBe(kill === 0 ? old : kill < stores.length ? undefined : text);
        writeText(file, old);
        expect(readText(file)).toBe(old);
      }),
    );
  });

  test('is never made of anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200, size: 'max' }), (garbage) => {
        const file = new FakeFile(garbage.length);
        file.bytes.set(garbage);
        const before = file.bytes.slice();
        for (const use of [() => readText(file), () => writeText(file, 'x')]) {
          try {
            use();
            expect(garbage.every((byte) => byte === 0)).toBe(true);
          } catch (error) {
            expect(isIpcError(error, 'ERR_IPC_TEXT_INVALID') || isIpcError(error, 'ERR_IPC_TEXT_TOO_LONG')).toBe(true);
            expect(file.bytes).toEqual(before);
          }
        }
      }),
    );
  });

  test('is told from one with a byte or a bit changed', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), fc.nat(7), (text, where, bit) => {
        const file = new FakeFile();
        writeText(file, text);
        const at = where % (TEXT_HEADER_BYTES + Buffer.byteLength(text));
        file.bytes[at] = (file.bytes[at] ?? 0) ^ (1 << bit);
        let read: string | undefined;
        try {
          read = readText(file);
        } catch (error) {
          expect(isIpcError(error, 'ERR_IPC_TEXT_INVALID')).toBe(true);
        }
        expect(read).toBeUndefined();
      }),
    );
  });

  test('outlives the wrap of its sequence', () => {
    const file = new FakeFile();
    writeText(file, 'old');
    const sequence = new DataView(file.bytes.buffer);
    for (const start of [0x7fff_fffe, 0xffff_fffc, 0xffff_fffe, 0xffff_ffff]) {
      sequence.setUint32(4, start, true);
      for (const text of ['one', 'two', 'three']) {
        const before = sequence.getUint32(4, true);
        writeText(file, text);
        expect(readText(file)).toBe(text);
        expect(sequence.getUint32(4, true)).not.toBe(before);
      }
    }
  });

  test.each([
    ['one byte each', 'a~'],
    ['two bytes each', 'é߿'],
    ['three bytes each', '你￿'],
    ['four bytes each', '👋𐀀'],
    ['a mark of byte order', '\uFEFFx'],
    ['a family and its joiners', '👨‍👩‍👧‍👦'],
    ['right to left', 'שלום مرحبا'],
    ['line feeds and NUL', 'a\nb\r\n\0c'],
    ['nothing', ''],
  ])('survives whole: %s', (_name, text) => {
    const file = new FakeFile(TEXT_HEADER_BYTES + Buffer.byteLength(text));
    writeText(file, text);
    expect(readText(file)).toBe(text);
    const before = file.bytes.slice();
    expect(() => writeText(file, `${text}x`)).toThrow(expect.objectContaining({ code: 'ERR_IPC_TEXT_TOO_LONG' }));
    expect(file.bytes).toEqual(before);
  });

  test('cannot be half a character', () => {
    expect(() => writeText(new FakeFile(), 'ab\ud83d')).toThrow(
      expect.objectContaining({ code: 'ERR_IPC_INVALID_ARGUMENT', message: expect.stringContaining('position 2') }),
    );
  });

  test('is none in a file of zeroes', () => {
    expect(readText(new FakeFile())).toBeUndefined();
  });
});

describe('the tests', () => {
  const counterexample = (read: (old: string, text: string, piece: number, pace: readonly number[]) => unknown) =>
    fc.check(
      fc.property(anyText, anyText, fc.integer({ min: 1, max: 8 }), schedule, (old, text, piece, pace) =>
        [old, text, undefined].includes(read(old, text, piece, pace) as string),
      ),
      { numRuns: 2000 },
    ).failed;

  test('catch a writer that publishes too early', () => {
    expect(
      counterexample((old, text, piece, pace) => {
        try {
          return readDuring(writeCarelessly, old, text, piece, pace);
        } catch {
          return 'invalid';
        }
      }),
    ).toBe(true);
  });

  test('catch a reader that believes the length', () => {
    expect(
      counterexample((old, text, piece, pace) => {
        const file = new FakeFile();
        writeText(file, old);
        const stores = storesOf(writeText, file, text, piece);
        let step = 0;
        file.beforeStep = () => {
          for (const { offset, bytes } of stores.splice(0, pace[step++] ?? 0)) file.write(offset, bytes);
        };
        return readByLength(file);
      }),
    ).toBe(true);
  });
});
