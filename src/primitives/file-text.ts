/**
 * One text in a file, for readers who may look at any moment.
 *
 * ```
 * byte 0   magic      'IPCm'
 *      4   sequence   odd while a text is being written, even when it is whole; each text raises it by 2. 0 before the first
 *      8   length     of the text, in bytes
 *     12   checksum   FNV-1a of sequence, length and bytes
 *     16   the text, as UTF-8; behind it, what was there before
 * ```
 *
 * All numbers are of 32 bits, the lowest byte first.
 *
 * - Writing: the sequence made odd; the text; length and checksum; the sequence made even (SYNC POINT text-whole).
 * - Reading: the header; the text; the header again. Only when it is the same, even (SYNC POINT text-whole) and the checksum right is the
 *   text what one writer has written. A reader never delays a writer. A writer killed half way leaves an odd sequence: no text.
 * - One writer at a time. Two at once can spoil a text; the checksum tells readers so.
 * - A file that holds anything else is neither read nor overwritten.
 */
import { IpcError, isIpcError } from '../core/errors.ts';

/** What a text is written into and read from. */
export interface Bytes {
  /** What people call it. */
  readonly label: string;
  readonly length: number;
  read(offset: number, length: number): Uint8Array;
  write(offset: number, bytes: Uint8Array): void;
}

/** What a text takes in a file besides its own bytes. */
export const TEXT_HEADER_BYTES = 16;
const MAGIC = 0x6d43_5049;
const SEQUENCE_OFFSET = 4;
const LENGTH_OFFSET = 8;
const PREVIEW_BYTES = 64;
/** How often a reader tries while writers keep changing the text. */
const ATTEMPTS = 100;

interface Header {
  readonly magic: number;
  readonly sequence: number;
  readonly length: number;
  readonly checksum: number;
}

/**
 * Puts a text into a file, in the place of the one that may be there.
 * @throws IpcError `ERR_IPC_TEXT_TOO_LONG`, `ERR_IPC_TEXT_INVALID` when the file holds something else; the file is then as it was
 */
export function writeText(file: Bytes, text: string): void {
  const bytes = encodeText(text);
  refuseTooLong(bytes.length, file.length, file.label);
  refuseForeign(file, bytes.length);
  const { sequence } = readHeader(file);
  const odd = ((sequence + 1) | 1) >>> 0;
  const even = (odd + 1) >>> 0;
  file.write(0, cells(MAGIC, odd));
  file.write(TEXT_HEADER_BYTES, bytes);
  file.write(LENGTH_OFFSET, cells(bytes.length, checksumOf(even, bytes)));
  file.write(SEQUENCE_OFFSET, cells(even));
}

/**
 * The text in a file; undefined when there is none yet, or not the whole of it.
 * @throws IpcError `ERR_IPC_TEXT_INVALID` when the file holds something else
 */
export function readText(file: Bytes): string | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const header = readHeader(file);
    if (isEmpty(header)) return undefined;
    if (header.magic !== MAGIC) throw invalid(file, 'does not begin as one');
    // A writer at work is done in a moment, unless it was killed.
    if (header.sequence % 2 === 1) continue;
    const fits = header.length <= file.length - TEXT_HEADER_BYTES;
    const bytes = fits ? file.read(TEXT_HEADER_BYTES, header.length) : undefined;
    if (!isSame(header, readHeader(file))) continue;
    if (bytes === undefined) throw invalid(file, `says that it has ${header.length} bytes, for which there is no room`);
    if (checksumOf(header.sequence, bytes) !== header.checksum) throw invalid(file, 'has a wrong checksum');
    return decodeText(file, bytes);
  }
  return undefined;
}

/** The text in a file, or else how the file begins: it may be larger than anybody wants to see. @throws IpcError `ERR_IPC_FILE_SHRANK` */
export function previewOf(file: Bytes): string {
  try {
    const text = readText(file);
    if (text !== undefined) return text;
  } catch (error) {
    if (!isIpcError(error, 'ERR_IPC_TEXT_INVALID')) throw error;
  }
  const bytes = file.read(0, Math.min(file.length, PREVIEW_BYTES));
  if (bytes.every((byte) => byte === 0)) return 'zeroes';
  const characters = new TextDecoder().decode(bytes).replaceAll(/[\p{Cc}\p{Cf}\uFFFD]+/gu, '·');
  return file.length > bytes.length ? `${characters} …` : characters;
}

/** The bytes of a text. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for half a character, which UTF-8 cannot hold */
export function encodeText(text: string): Uint8Array {
  if (typeof text !== 'string')
    throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `a text is a string, not a ${typeof text}`);
  const half = /[\uD800-\uDFFF]/u.exec(text);
  if (half === null) return new TextEncoder().encode(text);
  throw new IpcError(
    'ERR_IPC_INVALID_ARGUMENT',
    `the text has half a character (a lone surrogate) at position ${half.index}, which UTF-8 cannot hold`,
  );
}

/** @throws IpcError `ERR_IPC_TEXT_TOO_LONG` when a text of that many bytes does not fit into a file of that size. */
export function refuseTooLong(textBytes: number, fileBytes: number, file: string): void {
  const needed = textBytes + TEXT_HEADER_BYTES;
  if (needed <= fileBytes) return;
  const room = Math.max(0, fileBytes - TEXT_HEADER_BYTES);
  throw new IpcError(
    'ERR_IPC_TEXT_TOO_LONG',
    `the text takes ${bytesText(textBytes)} as UTF-8, and ${file} of ${bytesText(fileBytes)} has room for ${room} (a header takes ${TEXT_HEADER_BYTES})`,
    { hint: `Nothing was written. A file of ${needed} bytes or more can hold it (--size ${needed}).` },
  );
}

/** What is lost when a text is written must be a text, or nothing. @throws IpcError `ERR_IPC_TEXT_INVALID` when it is something else */
export function refuseForeign(file: Bytes, textBytes?: number): void {
  if (file.length < TEXT_HEADER_BYTES) {
    if (isZero(file.read(0, file.length))) return;
  } else {
    const header = readHeader(file);
    if (header.magic === MAGIC) return;
    if (isEmpty(header) && isZero(file.read(TEXT_HEADER_BYTES, textBytes ?? file.length - TEXT_HEADER_BYTES))) return;
  }
  throw new IpcError('ERR_IPC_TEXT_INVALID', `${file.label} holds something that is no text of ipc-lab's`, {
    hint: 'Nothing was written, so nothing is lost. Take another file, or remove this one first.',
  });
}

function readHeader(file: Bytes): Header {
  if (file.length < TEXT_HEADER_BYTES) throw invalid(file, `is too short: ${file.length} bytes`);
  const { buffer, byteOffset } = file.read(0, TEXT_HEADER_BYTES);
  const view = new DataView(buffer, byteOffset);
  const cell = (index: number): number => view.getUint32(index * 4, true);
  return { magic: cell(0), sequence: cell(1), length: cell(2), checksum: cell(3) };
}

function isEmpty({ magic, sequence, length, checksum }: Header): boolean {
  return magic === 0 && sequence === 0 && length === 0 && checksum === 0;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function isSame(a: Header, b: Header): boolean {
  return a.magic === b.magic && a.sequence === b.sequence && a.length === b.length && a.checksum === b.checksum;
}

function decodeText(file: Bytes, bytes: Uint8Array): string {
  try {
    // A mark at the beginning that says "this is UTF-8" belongs to the text as everything else does.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid(file, 'is not UTF-8');
  }
}

function invalid(file: Bytes, why: string): IpcError {
  return new IpcError('ERR_IPC_TEXT_INVALID', `${file.label} holds no text of ipc-lab's: it ${why}`, {
    hint: 'Was it written by "ipc-lab mmap produce" or writeText(), and by one at a time?',
  });
}

function bytesText(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}

function cells(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(i * 4, value, true);
  return bytes;
}

function checksumOf(sequence: number, bytes: Uint8Array): number {
  let hash = 0x811c_9dc5;
  for (const byte of cells(sequence, bytes.length)) hash = Math.imul(hash ^ byte, 0x0100_0193);
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x0100_0193);
  return hash >>> 0;
}
