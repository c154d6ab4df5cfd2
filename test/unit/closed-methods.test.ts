/** Every public method and property of every primitive after close(): read from the declarations that ship, so that none is forgotten. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isIpcError } from '#src/core/errors.js';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { Barrier } from '#src/primitives/barrier.js';
import { BoundedSemaphore } from '#src/primitives/bounded-semaphore.js';
import { Condition } from '#src/primitives/condition.js';
import { Connection } from '#src/primitives/connection.js';
import { DirectoryLock } from '#src/primitives/directory-lock.js';
import { Event } from '#src/primitives/event.js';
import { FileLock } from '#src/primitives/file-lock.js';
import { JoinableQueue } from '#src/primitives/joinable-queue.js';
import { LifoQueue } from '#src/primitives/lifo-queue.js';
import { Lock } from '#src/primitives/lock.js';
import { MappedFile } from '#src/primitives/mapped-file.js';
import type { Primitive } from '#src/primitives/primitive.js';
import { PriorityQueue } from '#src/primitives/priority-queue.js';
import { Queue } from '#src/primitives/queue.js';
import { RawArray } from '#src/primitives/raw-array.js';
import { RawValue } from '#src/primitives/raw-value.js';
import { RLock } from '#src/primitives/rlock.js';
import { RwLock } from '#src/primitives/rw-lock.js';
import { Semaphore } from '#src/primitives/semaphore.js';
import { ShareableList } from '#src/primitives/shareable-list.js';
import { SharedArray } from '#src/primitives/shared-array.js';
import { SharedMemory } from '#src/primitives/shared-memory.js';
import { SharedValue } from '#src/primitives/shared-value.js';
import { SimpleQueue } from '#src/primitives/simple-queue.js';
import { SpinLock } from '#src/primitives/spin-lock.js';
import { TicketLock } from '#src/primitives/ticket-lock.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;
let memory: LabMemory;

beforeEach(() => {
  lab = new SharedLab(2);
  memory = lab.memory(0);
});
afterEach(() => lab[Symbol.dispose]());

const DECLARATIONS = new URL('../../dist/src/primitives/', import.meta.url);
const BYTES = Uint8Array.of(1);

/** How each is made, and arguments that it would take if it were open; without them a method is called with none. */
const PRIMITIVES: Readonly<Record<string, readonly [() => Primitive, Readonly<Record<string, readonly unknown[]>>?]>> =
  {
    Lock: [() => Lock.create(memory)],
    RLock: [() => RLock.create(memory)],
    SpinLock: [() => SpinLock.create(memory)],
    TicketLock: [() => TicketLock.create(memory)],
    FileLock: [() => FileLock.create(memory)],
    DirectoryLock: [() => DirectoryLock.create(memory)],
    Semaphore: [() => Semaphore.create(memory)],
    BoundedSemaphore: [() => BoundedSemaphore.create(memory)],
    Event: [() => Event.create(memory)],
    Condition: [() => Condition.create(memory)],
    Barrier: [() => Barrier.create(memory, 2)],
    RwLock: [() => RwLock.create(memory)],
    Queue: [() => Queue.create(memory), { put: [1], tryPut: [1], putAsync: [1] }],
    JoinableQueue: [() => JoinableQueue.create(memory), { put: [1], tryPut: [1], putAsync: [1] }],
    SimpleQueue: [() => SimpleQueue.create(memory), { put: [1], tryPut: [1], putAsync: [1] }],
    LifoQueue: [() => LifoQueue.create(memory), { put: [1], tryPut: [1], putAsync: [1] }],
    PriorityQueue: [() => PriorityQueue.create(memory), { put: [[1, 1]], tryPut: [[1, 1]], putAsync: [[1, 1]] }],
    Connection: [
      () => Connection.createPipe(memory)[0],
      { send: [1], sendBytes: [BYTES], sendBytesAsync: [BYTES], recvBytesInto: [BYTES], recvBytesIntoAsync: [BYTES] },
    ],
    RawValue: [
      () => RawValue.create(memory, 'i', 1),
      { add: [1], sub: [1], and: [1], or: [1], xor: [1], exchange: [1], compareExchange: [1, 1] },
    ],
    RawArray: [
      () => RawArray.create(memory, 'i', [1]),
      {
        get: [0],
        set: [0, 1],
        assign: [[1]],
        add: [0, 1],
        sub: [0, 1],
        and: [0, 1],
        or: [0, 1],
        xor: [0, 1],
        exchange: [0, 1],
        compareExchange: [0, 1, 1],
      },
    ],
    SharedValue: [() => SharedValue.create(memory, 'i', 1)],
    SharedArray: [() => SharedArray.create(memory, 'i', [1]), { get: [0], set: [0, 1], assign: [[1]] }],
    ShareableList: [
      () => ShareableList.create(memory, [1]),
      { get: [0], set: [0, 1], count: [1], indexOf: [1], format: [0] },
    ],
    SharedMemory: [() => SharedMemory.create(memory, { create: true, sizeBytes: 64 }), { view: ['B'] }],
    MappedFile: [
      () => MappedFile.createTemporary(memory, 64),
      { read: [0, 1], write: [0, BYTES], readText: [0, 1], writeText: ['a'] },
    ],
  };

/** What still answers after close(): who it was, what never changes, its parts, which say themselves that they are closed, and closing it. */
const ANSWERS = new Set([
  'constructor',
  'toString',
  'toJSON',
  'kind',
  'name',
  'closed',
  'close',
  'code',
  'elementKind',
  'length',
  'getLock',
  'getObj',
  'lock',
  'path',
  'readable',
  'writable',
  'isMine',
  'unlink',
  'sizeBytes',
]);

const TEXTS = readdirSync(DECLARATIONS)
  .filter((file) => file.endsWith('.d.ts'))
  .map((file) => readFileSync(new URL(file, DECLARATIONS), 'utf8'));
const MEMBER = /(\/\*\*(?:(?!\*\/)[^])*\*\/)?\s*\n {4}(?:get |abstract )*([a-z]\w*)[(<]/gi;

/** What a class declares for its users: what is internal is not in there. */
function declaredBy(name: string): string[] {
  const text = TEXTS.find((each) => new RegExp(`class ${name}\\b`).test(each)) ?? '';
  return [...text.matchAll(MEMBER)].flatMap(([, comment, member]) =>
    member === undefined || comment?.includes('@internal') === true ? [] : [member],
  );
}

/** All that a class and those it extends offer their users. */
function membersOf(made: object): Map<string, PropertyDescriptor> {
  const members = new Map<string, PropertyDescriptor>();
  const declared = new Set<string>();
  for (let prototype = Object.getPrototypeOf(made) as object; prototype !== Object.prototype; ) {
    for (const name of declaredBy(prototype.constructor.name)) declared.add(name);
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype)))
      if (!members.has(name)) members.set(name, descriptor);
    prototype = Object.getPrototypeOf(prototype) as object;
  }
  return new Map([...members].filter(([name]) => declared.has(name) && !ANSWERS.has(name)));
}

async function answerOf(act: () => unknown): Promise<string> {
  try {
    await act();
    return 'no error';
  } catch (error) {
    return isIpcError(error) ? error.code : String(error);
  }
}

describe.each(Object.entries(PRIMITIVES))('a closed %s', (_kind, [make, given = {}]) => {
  test('refuses all that it could do', async () => {
    const made = make();
    const members = membersOf(made);
    made.close();
    made.close();
    const answers: Record<string, string> = {};
    for (const [name, member] of members) {
      answers[name] = await answerOf(() => {
        if (member.get !== undefined) return Reflect.get(made, name) as unknown;
        return (member.value as (...args: unknown[]) => unknown).apply(made, [...argumentsOf(name, given)]);
      });
    }
    expect(answers).toEqual(Object.fromEntries(Object.keys(answers).map((name) => [name, 'ERR_IPC_CLOSED'])));
    expect(Object.keys(answers).length).toBeGreaterThan(0);
  });
});

function argumentsOf(name: string, given: Readonly<Record<string, readonly unknown[]>>): readonly unknown[] {
  if (/^(with|waitFor)/.test(name)) return [() => 1];
  return Object.hasOwn(given, name) ? (given[name] ?? []) : [];
}
