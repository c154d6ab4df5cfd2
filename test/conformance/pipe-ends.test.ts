/** Whose the ends of a pipe are, and what becomes of one end when nobody has the other. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HEADER } from '#src/memory/layout.js';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { Connection } from '#src/primitives/connection.js';
import { Lock } from '#src/primitives/lock.js';
import { coded } from '../coded.ts';
import { SharedLab } from '../shared-lab.ts';
import { bytes, pipeOf } from './pipes.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(3);
});
afterEach(() => lab[Symbol.dispose]());

describe.each(['closed by all', 'dead'])('when the other end is %s', (how) => {
  const leave = (theirs: Connection): void => (how === 'dead' ? lab.die(1) : theirs.close());

  test('all that was sent is received, then comes the end of file, as often as one asks', async () => {
    const [ours, theirs] = pipeOf(lab, { name: 'tube' });
    theirs.send('one');
    theirs.send('two');
    leave(theirs);
    expect([ours.recv(), await ours.recvAsync()]).toEqual(['one', 'two']);
    const ended = coded('ERR_IPC_END_OF_FILE');
    expect(() => ours.recv()).toThrow(ended);
    expect(() => ours.recv(50)).toThrow(ended);
    expect(() => ours.recvBytes()).toThrow('Connection "tube" has come to its end: nobody has the other end any more');
    await expect(ours.recvAsync()).rejects.toThrow(ended);
  });

  test('sending says that the pipe is broken', async () => {
    const [ours, theirs] = pipeOf(lab, { name: 'tube' });
    ours.send('before');
    leave(theirs);
    expect(() => ours.send(1)).toThrow(coded('ERR_IPC_BROKEN_PIPE'));
    expect(() => ours.sendBytes(bytes('a'))).toThrow(
      'Connection "tube" cannot send: nobody has the other end any more',
    );
    await expect(ours.sendAsync(1)).rejects.toThrow(coded('ERR_IPC_BROKEN_PIPE'));
  });

  test('who waits for either learns of it', async () => {
    const [ours, theirs] = pipeOf<string>(lab, { capacityBytes: 1024 });
    const receiving = ours.recvAsync();
    const sending = Array.from({ length: 9 }, () => ours.sendAsync('x'.repeat(200)));
    const settled = Promise.allSettled([receiving, ...sending]);
    leave(theirs);
    const outcomes = await settled;
    expect(outcomes[0]).toEqual({ status: 'rejected', reason: coded('ERR_IPC_END_OF_FILE') });
    expect(outcomes.at(-1)).toEqual({ status: 'rejected', reason: coded('ERR_IPC_BROKEN_PIPE') });
    expect(lab.memory(0).cells.load(HEADER.asyncWaiters)).toBe(0);
  });

  test('but another has it too, nothing has come to its end', () => {
    const [ours, theirs] = pipeOf(lab);
    const third = lab.send(theirs, 1, 2);
    leave(theirs);
    ours.send(1);
    expect([third.recv(), ours.poll()]).toEqual([1, false]);
    third.send(2);
    third.close();
    expect(ours.recv()).toBe(2);
    expect(() => ours.recv()).toThrow(coded('ERR_IPC_END_OF_FILE'));
  });
});

test('an end under way in a message is somebody’s, until nobody can receive it any more', () => {
  const [outer, theirOuter] = pipeOf<Connection>(lab);
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
  const [ours, theirs] = pipeOf(lab);
  const lock = Lock.create(lab.memory(0));
  const [inner, innerOther] = Connection.createPipe(lab.memory(0));
  ours.send({ lock, inner });
  inner.close();
  ours.send('x'.repeat(100_000));
  expect(innerOther.poll()).toBe(false);
  theirs.close();
  expect(innerOther.poll()).toBe(true);
  expect(() => innerOther.recv()).toThrow(coded('ERR_IPC_END_OF_FILE'));
  expect(objects.references(lock[SHARED_OBJECT])).toBe(1);
  for (const each of [ours, innerOther, lock]) each.close();
  expect(arena.usedBytes()).toBe(used);
});

describe('while this process alone has both ends', () => {
  test('a wait that nobody can end is refused, and one with a time or a promise is not', async () => {
    const [one, other] = Connection.createPipe(lab.memory(0), { name: 'tube', capacityBytes: 1024 });
    expect(() => one.recv()).toThrow(coded('ERR_IPC_NOBODY_LEFT'));
    expect(() => one.recv()).toThrow('nobody but this process has the other end of Connection "tube"');
    expect(() => {
      for (;;) one.send('x'.repeat(100));
    }).toThrow(coded('ERR_IPC_NOBODY_LEFT'));
    expect(() => one.recv(20)).toThrow(coded('ERR_IPC_TIMEOUT'));
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
      expect(use).toThrow(coded('ERR_IPC_CLOSED'));
    expect(other.recv()).toBe(1);
    expect(() => other.recv()).toThrow(coded('ERR_IPC_END_OF_FILE'));
  });
});
