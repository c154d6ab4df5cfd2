/** What a pipe does as one process sees it; the other end is another view of the same memory in the same process. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HEADER } from '#src/memory/layout.js';
import { Connection, type PipeOptions } from '#src/primitives/connection.js';
import type { BufferTooShort } from '#src/primitives/pipe-bytes.js';
import { Lock } from '#src/primitives/lock.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(3);
});
afterEach(() => lab[Symbol.dispose]());

function code(name: string): Error {
  return expect.objectContaining({ name: 'IpcError', code: name }) as Error;
}

/** One end in the first process, the other in the second, and nobody else. */
function pair<T = unknown>(options: PipeOptions = {}): [Connection<T>, Connection<T>] {
  const [ours, second] = Connection.createPipe<T>(lab.memory(0), options);
  const theirs = lab.send(second, 0, 1);
  second.close();
  return [ours, theirs];
}

/** As {@link pair}, one way: the reader in the first process, the writer in the second. */
function oneWay<T = unknown>(options: PipeOptions = {}): [Connection<T>, Connection<T>] {
  return pair({ ...options, duplex: false });
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

describe('a pipe', () => {
  test('carries values of all kinds both ways, in order', () => {
    const [ours, theirs] = pair();
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
    const [reader, writer] = oneWay({ name: 'tube' });
    expect([reader.readable, reader.writable, writer.readable, writer.writable]).toEqual([true, false, false, true]);
    const unsupported = code('ERR_IPC_UNSUPPORTED');
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
    const [ours, theirs] = pair();
    for (const each of ['a', 'b', '', 'cd']) ours.sendBytes(bytes(each));
    const received = Array.from({ length: 4 }, () => new TextDecoder().decode(theirs.recvBytes()));
    expect(received).toEqual(['a', 'b', '', 'cd']);
  });

  test('carries messages larger than itself, but not many at a time', () => {
    const [ours, theirs] = pair<Uint8Array>({ capacityBytes: 1024 });
    const { arena } = lab.memory(0);
    const block = new Uint8Array(100_000).map((_, i) => i);
    let sent = 0;
    for (; sent < 100; sent++) {
      try {
        ours.send(block, 0);
      } catch (error) {
        expect(error).toEqual(code('ERR_IPC_TIMEOUT'));
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
      expect(() => Connection.createPipe(lab.memory(0), { capacityBytes })).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
    const [ours, theirs] = pair();
    expect(() => theirs.recv(Number.NaN)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
    ours.sendBytes(bytes('abc'));
    expect(() => theirs.recvBytes(-1)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
    expect(theirs.recvBytes(3)).toEqual(bytes('abc'));
    expect(() => ours.send(() => 1)).toThrow(code('ERR_IPC_NOT_CLONEABLE'));
    expect(() => ours.sendBytes('text' as never)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
  });
});

describe('bytes', () => {
  test('may be part of an array', () => {
    const [ours, theirs] = pair();
    const text = bytes('latin');
    ours.sendBytes(text, 2);
    ours.sendBytes(text, 1, 3);
    ours.sendBytes(text, 5);
    ours.sendBytes(text, 0, 0);
    ours.sendBytes(Buffer.from('latin'), 3);
    const received = Array.from({ length: 5 }, () => new TextDecoder().decode(theirs.recvBytes()));
    expect(received).toEqual(['tin', 'ati', '', '', 'in']);
    for (const [offset, size] of [[6], [-1], [0.5], [0, 6], [4, 2], [0, -1], [5, 1]] as const)
      expect(() => ours.sendBytes(text, offset, size)).toThrow(code('ERR_IPC_OUT_OF_RANGE'));
    expect(theirs.poll()).toBe(false);
  });

  test('are received into an array from an offset on', async () => {
    const [ours, theirs] = pair();
    const target = new Uint8Array(6);
    ours.sendBytes(bytes('abc'));
    ours.sendBytes(bytes('de'));
    expect([theirs.recvBytesInto(target, 1), await theirs.recvBytesIntoAsync(target, 4)]).toEqual([3, 2]);
    expect(target).toEqual(Uint8Array.of(0, 97, 98, 99, 100, 101));
    for (const offset of [-1, 7, 0.5])
      expect(() => theirs.recvBytesInto(target, offset)).toThrow(code('ERR_IPC_OUT_OF_RANGE'));
  });

  test('that do not fit are in the error, whole, and no longer in the pipe', () => {
    const [ours, theirs] = pair();
    ours.sendBytes(bytes('hello'));
    ours.sendBytes(bytes('next'));
    const target = new Uint8Array(6).fill(7);
    try {
      theirs.recvBytesInto(target, 2);
      expect.unreachable();
    } catch (error) {
      expect(error).toEqual(code('ERR_IPC_BUFFER_TOO_SHORT'));
      expect((error as BufferTooShort).bytes).toEqual(bytes('hello'));
    }
    expect(target).toEqual(new Uint8Array(6).fill(7));
    expect(theirs.recvBytes()).toEqual(bytes('next'));
  });

  test.each([10, 20_000])('that are too many (%i) stay, and so does what is no bytes', (length) => {
    const [ours, theirs] = pair();
    const message = new Uint8Array(length).fill(1);
    ours.sendBytes(message);
    ours.send('text');
    expect(() => theirs.recvBytes(length - 1)).toThrow(code('ERR_IPC_OUT_OF_RANGE'));
    expect(theirs.recvBytes(length)).toEqual(message);
    expect(() => theirs.recvBytes()).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
    expect(theirs.recv()).toBe('text');
  });
});

describe('polling', () => {
  test('says at once, or after the time, and takes nothing', async () => {
    const [ours, theirs] = pair();
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
    const [ours, theirs] = pair();
    const waiting = theirs.pollAsync({ timeoutMs: 60_000 });
    ours.close();
    expect([await waiting, theirs.poll(), theirs.poll(60_000)]).toEqual([true, true, true]);
    expect(() => theirs.recv()).toThrow(code('ERR_IPC_END_OF_FILE'));
  });
});

describe.each(['closed by all', 'dead'])('when the other end is %s', (how) => {
  const leave = (theirs: Connection): void => (how === 'dead' ? lab.die(1) : theirs.close());

  test('all that was sent is received, then comes the end of file, as often as one asks', async () => {
    const [ours, theirs] = pair({ name: 'tube' });
    theirs.send('one');
    theirs.send('two');
    leave(theirs);
    expect([ours.recv(), await ours.recvAsync()]).toEqual(['one', 'two']);
    const ended = code('ERR_IPC_END_OF_FILE');
    expect(() => ours.recv()).toThrow(ended);
    expect(() => ours.recv(50)).toThrow(ended);
    expect(() => ours.recvBytes()).toThrow('Connection "tube" has come to its end: nobody has the other end any more');
    await expect(ours.recvAsync()).rejects.toThrow(ended);
  });

  test('sending says that the pipe is broken', async () => {
    const [ours, theirs] = pair({ name: 'tube' });
    ours.send('before');
    leave(theirs);
    expect(() => ours.send(1)).toThrow(code('ERR_IPC_BROKEN_PIPE'));
    expect(() => ours.sendBytes(bytes('a'))).toThrow(
      'Connection "tube" cannot send: nobody has the other end any more',
    );
    await expect(ours.sendAsync(1)).rejects.toThrow(code('ERR_IPC_BROKEN_PIPE'));
  });

  test('who waits for either learns of it', async () => {
    const [ours, theirs] = pair<string>({ capacityBytes: 1024 });
    const receiving = ours.recvAsync();
    const sending = Array.from({ length: 9 }, () => ours.sendAsync('x'.repeat(200)));
    const settled = Promise.allSettled([receiving, ...sending]);
    leave(theirs);
    const outcomes = await settled;
    expect(outcomes[0]).toEqual({ status: 'rejected', reason: code('ERR_IPC_END_OF_FILE') });
    expect(outcomes.at(-1)).toEqual({ status: 'rejected', reason: code('ERR_IPC_BROKEN_PIPE') });
    expect(lab.memory(0).cells.load(HEADER.asyncWaiters)).toBe(0);
  });

  test('but another has it too, nothing has come to its end', () => {
    const [ours, theirs] = pair();
    const third = lab.send(theirs, 1, 2);
    leave(theirs);
    ours.send(1);
    expect([third.recv(), ours.poll()]).toEqual([1, false]);
    third.send(2);
    third.close();
    expect(ours.recv()).toBe(2);
    expect(() => ours.recv()).toThrow(code('ERR_IPC_END_OF_FILE'));
  });
});

test('an end under way in a message is somebody’s, until nobody can receive it any more', () => {
  const [outer, theirOuter] = pair<Connection>();
  const [ours, second] = Connection.createPipe(lab.memory(0));
  outer.send(second);
  second.close();
  expect(ours.poll()).toBe(false);
  ours.send('before you came');
  const arrived = theirOuter.recv();
  expect(arrived.recv()).toBe('before you came');
  arrived.send('thanks');
  expect(ours.recv()).toBe('thanks');
  outer.send(lab.send(arrived, 1, 0));
  arrived.close();
  outer.close();
  expect(ours.poll()).toBe(false);
});

test('what lies in a pipe that nobody will read is given back', () => {
  const { arena, objects } = lab.memory(0);
  const used = arena.usedBytes();
  const [ours, theirs] = pair();
  const lock = Lock.create(lab.memory(0));
  const [inner, innerOther] = Connection.createPipe(lab.memory(0));
  ours.send({ lock, inner });
  inner.close();
  ours.send('x'.repeat(100_000));
  expect(innerOther.poll()).toBe(false);
  theirs.close();
  expect(innerOther.poll()).toBe(true);
  expect(() => innerOther.recv()).toThrow(code('ERR_IPC_END_OF_FILE'));
  expect(objects.references(lock[Symbol.for('ipc-lab.shared-object') as never])).toBe(1);
  for (const each of [ours, innerOther, lock]) each.close();
  expect(arena.usedBytes()).toBe(used);
});

describe('while this process alone has both ends', () => {
  test('a wait that nobody can end is refused, and one with a time or a promise is not', async () => {
    const [one, other] = Connection.createPipe(lab.memory(0), { name: 'tube', capacityBytes: 1024 });
    expect(() => one.recv()).toThrow(code('ERR_IPC_NOBODY_LEFT'));
    expect(() => one.recv()).toThrow('nobody but this process has the other end of Connection "tube"');
    expect(() => {
      for (;;) one.send('x'.repeat(100));
    }).toThrow(code('ERR_IPC_NOBODY_LEFT'));
    expect(() => one.recv(20)).toThrow(code('ERR_IPC_TIMEOUT'));
    const waiting = one.recvAsync();
    other.send('to myself');
    expect(await waiting).toBe('to myself');
  });

  test('closing one end does not close the other', () => {
    const [one, other] = Connection.createPipe(lab.memory(0));
    one.send(1);
    one.close();
    one.close();
    for (const use of [() => one.send(1), () => one.recv(), () => one.poll(), () => one.sendBytes(bytes('a'))])
      expect(use).toThrow(code('ERR_IPC_CLOSED'));
    expect(other.recv()).toBe(1);
    expect(() => other.recv()).toThrow(code('ERR_IPC_END_OF_FILE'));
  });
});
