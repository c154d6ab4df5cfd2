/** What a pipe of the operating system does as two views of one lab see it, both in this process. */
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OsPipe } from '#src/primitives/os-pipe.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;
let ends: OsPipe[];
let descriptors: number;

beforeEach(() => {
  lab = new SharedLab(3);
  ends = [];
  descriptors = openDescriptors();
});
afterEach(async () => {
  for (const end of ends) end.close();
  // A leak ends in a timeout. What was kept for who was under way goes when a timer finds that it has arrived.
  while (openDescriptors() > descriptors) await new Promise(setImmediate);
  lab[Symbol.dispose]();
});

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function code(expected: string): Error {
  return expect.objectContaining({ code: expected }) as Error;
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function text(read: Uint8Array): string {
  return new TextDecoder().decode(read);
}

function makeBoth(): [OsPipe, OsPipe] {
  const both = OsPipe.createPipe(lab.memory(0), { name: 'tube' });
  ends.push(...both);
  return both;
}

/** The end that reads in the first process, the one that writes in the second, and nobody else. */
function pair(): [OsPipe, OsPipe] {
  const [reader, made] = makeBoth();
  const writer = lab.send(made, 0, 1);
  ends.push(writer);
  made.close();
  return [reader, writer];
}

test('carries bytes in order, without regard to how they were written', () => {
  const [reader, writer] = pair();
  expect([writer.write(bytes('one ')), writer.write(bytes('two '), 0), writer.write(new Uint8Array())]).toEqual([
    4, 4, 0,
  ]);
  expect([text(reader.read(6)), text(reader.read())]).toEqual(['one tw', 'o ']);
  expect([reader.readable, reader.writable, writer.readable, writer.writable]).toEqual([true, false, false, true]);
});

test('holds 64 KiB, and what is written beyond waits for a reader', async () => {
  const [reader, writer] = pair();
  const much = Uint8Array.from({ length: 200_000 }, (_, i) => i);
  expect(writer.write(much, 20)).toBe(65_536);
  expect(writer.write(much, 0)).toBe(0);
  expect(reader.read()).toEqual(much.subarray(0, 65_536));
  const writing = writer.writeAsync(much);
  const read: number[] = [];
  while (read.length < much.length) read.push(...(await reader.readAsync(50_000)));
  expect([await writing, read]).toEqual([200_000, [...much]]);
});

test('comes to its end when all who could write have closed theirs, and everything was read', async () => {
  const [reader, writer] = pair();
  const second = lab.send(writer, 1, 2);
  ends.push(second);
  writer.write(bytes('last'));
  writer.close();
  expect(text(reader.read())).toBe('last');
  expect(() => reader.read(1, 20)).toThrow(code('ERR_IPC_TIMEOUT'));
  const waiting = reader.readAsync();
  second.close();
  expect([await waiting, reader.read(), reader.read(5, 0)]).toEqual([
    new Uint8Array(),
    new Uint8Array(),
    new Uint8Array(),
  ]);
});

test('has not come to its end while the end that writes is under way', () => {
  const [reader, made] = makeBoth();
  const blob = lab.memory(0).put(made, 'an end');
  made.close();
  expect(() => reader.read(1, 120)).toThrow(code('ERR_IPC_TIMEOUT'));
  const writer = lab.memory(1).take(blob) as OsPipe;
  ends.push(writer);
  writer.write(bytes('at last'));
  expect(text(reader.read())).toBe('at last');
});

test('keeps what was written while both ends are under way', () => {
  const [madeReader, madeWriter] = makeBoth();
  madeWriter.write(bytes('kept'));
  const blob = lab.memory(0).put([madeReader, madeWriter], 'both ends');
  madeReader.close();
  madeWriter.close();
  const [reader, writer] = lab.memory(1).take(blob) as [OsPipe, OsPipe];
  ends.push(reader, writer);
  expect(text(reader.read())).toBe('kept');
  writer.close();
  expect(reader.read()).toEqual(new Uint8Array());
});

test('is broken for who writes when nobody has the end that reads', async () => {
  const [reader, writer] = pair();
  writer.write(new Uint8Array(65_536));
  const waiting = writer.writeAsync(bytes('more'));
  reader.close();
  await expect(waiting).rejects.toThrow(code('ERR_IPC_BROKEN_PIPE'));
  expect(() => writer.write(bytes('x'))).toThrow('tube cannot write: nobody has the end that reads any more');
  expect(() => writer.write(bytes('x'), 0)).toThrow(code('ERR_IPC_BROKEN_PIPE'));
});

test('is at its end, and broken, when those at the other end have died', async () => {
  const [reader, writer] = pair();
  const waiting = reader.readAsync();
  lab.die(1);
  expect(await waiting).toEqual(new Uint8Array());
  expect(reader.read()).toEqual(new Uint8Array());
  const [other, writes] = pair();
  lab.die(0);
  expect(other.closed).toBe(false);
  expect(() => writes.write(bytes('x'))).toThrow(code('ERR_IPC_BROKEN_PIPE'));
  expect(writer.closed).toBe(false);
});

test('refuses to wait for ever for who has the other end alone, but waits for a time', () => {
  const [reader, writer] = makeBoth();
  expect(() => reader.read()).toThrow(code('ERR_IPC_NOBODY_LEFT'));
  expect(() => reader.read(1, 20)).toThrow(code('ERR_IPC_TIMEOUT'));
  expect(() => writer.write(new Uint8Array(70_000))).toThrow(code('ERR_IPC_NOBODY_LEFT'));
  expect([reader.read().length, writer.write(bytes('x'))]).toEqual([65_536, 1]);
});

test('refuses what an end does not do, and what are no bytes', async () => {
  const [reader, writer] = pair();
  expect(() => reader.write(bytes('x'))).toThrow('tube only reads: it cannot write');
  expect(() => writer.read()).toThrow('tube only writes: it cannot read');
  await expect(writer.readAsync()).rejects.toThrow(code('ERR_IPC_UNSUPPORTED'));
  await expect(reader.writeAsync(bytes('x'))).rejects.toThrow(code('ERR_IPC_UNSUPPORTED'));
  expect(() => writer.write('x' as unknown as Uint8Array)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
  for (const most of [0, -1, 1.5, '1'])
    expect(() => reader.read(most as number)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
  expect(() => reader.read(1, -1)).toThrow(code('ERR_IPC_TIMEOUT'));
  expect(() => reader.read(1, Number.NaN)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
  expect(() => writer.write(bytes('x'), Number.NaN)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
});

test('ends an asynchronous wait by a signal, and every wait when the lab ends', async () => {
  const [reader, writer] = pair();
  const controller = new AbortController();
  const aborted = reader.readAsync(1, { signal: controller.signal });
  controller.abort();
  await expect(aborted).rejects.toThrow(code('ERR_IPC_ABORTED'));
  await expect(reader.readAsync(1, { timeoutMs: 10 })).rejects.toThrow(code('ERR_IPC_TIMEOUT'));
  writer.write(new Uint8Array(65_536));
  expect(await writer.writeAsync(bytes('x'), { timeoutMs: 10 })).toBe(0);
  const waiting = writer.writeAsync(bytes('x'));
  lab.memory(0).end();
  lab.memory(0).bells.ringAll();
  await expect(waiting).rejects.toThrow(code('ERR_IPC_LAB_ENDING'));
  expect(() => writer.write(bytes('x'))).toThrow(code('ERR_IPC_LAB_ENDING'));
});

test('refuses every use of a closed end, and gives its memory back', async () => {
  const { arena } = lab.memory(0);
  const before = arena.usedBytes();
  const [reader, writer] = makeBoth();
  for (const end of [reader, writer, reader]) end.close();
  expect(() => reader.read()).toThrow(code('ERR_IPC_CLOSED'));
  expect(() => writer.write(bytes('x'))).toThrow(code('ERR_IPC_CLOSED'));
  await expect(reader.readAsync()).rejects.toThrow(code('ERR_IPC_CLOSED'));
  await expect(writer.writeAsync(bytes('x'))).rejects.toThrow(code('ERR_IPC_CLOSED'));
  expect(arena.usedBytes()).toBe(before);
});

test('one for which there is no memory leaves no descriptor open', () => {
  using small = new SharedLab(1, 400 * 1024);
  const memory = small.memory(0);
  const { arena } = memory;
  // With this, what the process keeps of its own is there, and with the other what both ends share has room.
  const first = OsPipe.createPipe(memory);
  const room = arena.allocate(4096);
  const chunks: number[] = [];
  for (;;) {
    try {
      chunks.push(arena.allocate(64));
    } catch {
      break;
    }
  }
  arena.free(room);
  const descriptorsBefore = openDescriptors();
  const failures: number[] = [];
  for (const chunk of chunks) {
    try {
      for (const end of OsPipe.createPipe(memory)) end.close();
      break;
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_IPC_OUT_OF_MEMORY' });
      failures.push(openDescriptors());
    }
    arena.free(chunk);
  }
  for (const end of first) end.close();
  expect(failures).toEqual([descriptorsBefore, descriptorsBefore]);
});
