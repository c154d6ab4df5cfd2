/** What a pipe carries as one process sees it; the other end is another view of the same memory in the same process. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Connection } from '#src/primitives/connection.js';
import { coded } from '../coded.ts';
import { SharedLab } from '../shared-lab.ts';
import { bytes, pipeOf } from './pipes.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(2);
});
afterEach(() => lab[Symbol.dispose]());

describe('a pipe', () => {
  test('carries values of all kinds both ways, in order', () => {
    const [ours, theirs] = pipeOf(lab);
    const values = [
      1,
      0.5,
      'text',
      '锁🔒',
      null,
      undefined,
      true,
      { a: [1, { b: 2 }] },
      Uint8Array.of(1, 2),
      'x'.repeat(9),
    ];
    for (const value of values) ours.send(value);
    for (const value of values) expect(theirs.recv()).toEqual(value);
    for (const value of values) theirs.send(value);
    for (const value of values) expect(ours.recv()).toEqual(value);
    expect([ours.readable, ours.writable, theirs.readable, theirs.writable]).toEqual([true, true, true, true]);
  });

  test('of one way refuses the other, and says so beforehand', async () => {
    const [reader, writer] = pipeOf(lab, { name: 'tube', duplex: false });
    expect([reader.readable, reader.writable, writer.readable, writer.writable]).toEqual([true, false, false, true]);
    const unsupported = coded('ERR_IPC_UNSUPPORTED');
    expect(() => reader.send(1)).toThrow(unsupported);
    expect(() => reader.send(1)).toThrow('Connection "tube" only receives: it cannot send');
    expect(() => reader.sendBytes(bytes('a'))).toThrow(unsupported);
    expect(() => writer.recv()).toThrow(unsupported);
    expect(() => writer.recvBytes()).toThrow(unsupported);
    expect(() => writer.poll()).toThrow(unsupported);
    await expect(reader.sendAsync(1)).rejects.toThrow(unsupported);
    await expect(writer.recvAsync()).rejects.toThrow(unsupported);
    writer.send('through');
    expect(reader.recv()).toBe('through');
  });

  test('keeps messages apart: a, b and cd are three', () => {
    const [ours, theirs] = pipeOf(lab);
    for (const each of ['a', 'b', '', 'cd']) ours.sendBytes(bytes(each));
    const received = Array.from({ length: 4 }, () => new TextDecoder().decode(theirs.recvBytes()));
    expect(received).toEqual(['a', 'b', '', 'cd']);
  });

  test('carries messages larger than itself, but not many at a time', () => {
    const [ours, theirs] = pipeOf<Uint8Array>(lab, { capacityBytes: 1024 });
    const { arena } = lab.memory(0);
    const block = new Uint8Array(100_000).map((_, i) => i);
    let sent = 0;
    for (; sent < 100; sent++) {
      try {
        ours.send(block, 0);
      } catch (error) {
        expect(error).toEqual(coded('ERR_IPC_TIMEOUT'));
        break;
      }
    }
    expect(sent).toBeGreaterThanOrEqual(3);
    expect(sent).toBeLessThanOrEqual(4);
    const used = arena.usedBytes();
    for (let i = 0; i < sent; i++) expect(Buffer.compare(theirs.recv(), block)).toBe(0);
    expect(arena.usedBytes()).toBeLessThan(used - sent * 90_000);
  });

  test('takes no capacity, timeout or length that is none', () => {
    for (const capacityBytes of [0, -1, 1023, 1.5, Number.NaN])
      expect(() => Connection.createPipe(lab.memory(0), { capacityBytes })).toThrow(coded('ERR_IPC_INVALID_ARGUMENT'));
    const [ours, theirs] = pipeOf(lab);
    expect(() => theirs.recv(Number.NaN)).toThrow(coded('ERR_IPC_INVALID_ARGUMENT'));
    ours.sendBytes(bytes('abc'));
    expect(() => theirs.recvBytes(-1)).toThrow(coded('ERR_IPC_INVALID_ARGUMENT'));
    expect(theirs.recvBytes(3)).toEqual(bytes('abc'));
    expect(() => ours.send(() => 1)).toThrow(coded('ERR_IPC_NOT_CLONEABLE'));
    expect(() => ours.sendBytes('text' as never)).toThrow(coded('ERR_IPC_INVALID_ARGUMENT'));
  });
});

describe('polling', () => {
  test('says at once, or after the time, and takes nothing', async () => {
    const [ours, theirs] = pipeOf(lab);
    const started = performance.now();
    expect([theirs.poll(), theirs.poll(0), theirs.poll(-1)]).toEqual([false, false, false]);
    expect(performance.now() - started).toBeLessThan(100);
    expect(theirs.poll(200)).toBe(false);
    expect(performance.now() - started).toBeGreaterThanOrEqual(200);
    const again = performance.now();
    expect([await theirs.pollAsync(), await theirs.pollAsync({ timeoutMs: 50 })]).toEqual([false, false]);
    expect(performance.now() - again).toBeGreaterThanOrEqual(50);
    const waiting = theirs.pollAsync({ timeoutMs: 60_000 });
    ours.send(1);
    expect([await waiting, theirs.poll(), theirs.poll(-1), theirs.recv(), theirs.poll()]).toEqual([
      true,
      true,
      true,
      1,
      false,
    ]);
  });

  test('is answered by the end of file, also while it waits', async () => {
    const [ours, theirs] = pipeOf(lab);
    const waiting = theirs.pollAsync({ timeoutMs: 60_000 });
    ours.close();
    expect([await waiting, theirs.poll(), theirs.poll(60_000)]).toEqual([true, true, true]);
    expect(() => theirs.recv()).toThrow(coded('ERR_IPC_END_OF_FILE'));
  });
});
