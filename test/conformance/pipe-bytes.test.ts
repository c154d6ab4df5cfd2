/** Bytes through a pipe: parts of an array, and into an array that is there already. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BufferTooShort } from '#src/primitives/pipe-bytes.js';
import { coded } from '../coded.ts';
import { SharedLab } from '../shared-lab.ts';
import { bytes, pipeOf } from './pipes.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(2);
});
afterEach(() => lab[Symbol.dispose]());

describe('bytes', () => {
  test('may be part of an array', () => {
    const [ours, theirs] = pipeOf(lab);
    const text = bytes('latin');
    ours.sendBytes(text, 2);
    ours.sendBytes(text, 1, 3);
    ours.sendBytes(text, 5);
    ours.sendBytes(text, 0, 0);
    ours.sendBytes(Buffer.from('latin'), 3);
    const received = Array.from({ length: 5 }, () => new TextDecoder().decode(theirs.recvBytes()));
    expect(received).toEqual(['tin', 'ati', '', '', 'in']);
    for (const [offset, size] of [[6], [-1], [0.5], [0, 6], [4, 2], [0, -1], [5, 1]] as const)
      expect(() => ours.sendBytes(text, offset, size)).toThrow(coded('ERR_IPC_OUT_OF_RANGE'));
    expect(theirs.poll()).toBe(false);
  });

  test('are received into an array from an offset on', async () => {
    const [ours, theirs] = pipeOf(lab);
    const target = new Uint8Array(6);
    ours.sendBytes(bytes('abc'));
    ours.sendBytes(bytes('de'));
    expect([theirs.recvBytesInto(target, 1), await theirs.recvBytesIntoAsync(target, 4)]).toEqual([3, 2]);
    expect(target).toEqual(Uint8Array.of(0, 97, 98, 99, 100, 101));
    for (const offset of [-1, 7, 0.5])
      expect(() => theirs.recvBytesInto(target, offset)).toThrow(coded('ERR_IPC_OUT_OF_RANGE'));
  });

  test('that do not fit are in the error, whole, and no longer in the pipe', () => {
    const [ours, theirs] = pipeOf(lab);
    ours.sendBytes(bytes('hello'));
    ours.sendBytes(bytes('next'));
    const target = new Uint8Array(6).fill(7);
    try {
      theirs.recvBytesInto(target, 2);
      expect.unreachable();
    } catch (error) {
      expect(error).toEqual(coded('ERR_IPC_BUFFER_TOO_SHORT'));
      expect((error as BufferTooShort).bytes).toEqual(bytes('hello'));
    }
    expect(target).toEqual(new Uint8Array(6).fill(7));
    expect(theirs.recvBytes()).toEqual(bytes('next'));
  });

  test.each([10, 20_000])('that are too many (%i) stay, and so does what is no bytes', (length) => {
    const [ours, theirs] = pipeOf(lab);
    const message = new Uint8Array(length).fill(1);
    ours.sendBytes(message);
    ours.send('text');
    expect(() => theirs.recvBytes(length - 1)).toThrow(coded('ERR_IPC_OUT_OF_RANGE'));
    expect(theirs.recvBytes(length)).toEqual(message);
    expect(() => theirs.recvBytes()).toThrow(coded('ERR_IPC_INVALID_ARGUMENT'));
    expect(theirs.recv()).toBe('text');
  });
});
