/**
 * One end of a pipe of the operating system, as pipe(2) makes it: a stream of bytes through the kernel, without messages. For comparison, and to see
 * what a pipe is made of; {@link Connection} carries values, and is the one to use between processes of one lab.
 *
 * ```
 * body cell  0 link   reference to what both ends share (os-pipe-link.ts)
 *            1 end    0 reads, 1 writes
 * ```
 *
 * - Each process and thread opens an end for itself, where another has it open already, and closes it for itself: the kernel counts readers and
 *   writers, and whoever dies has closed its own.
 * - The bytes are the kernel's, who may still come is not: a child that is only starting is no writer to the kernel yet. So the end of file has come
 *   when there is nothing to read and nobody of the lab has the other end or is about to get it; and so with a write that nobody will read.
 * - Who closes an end of which a reference is under way keeps the descriptor until that has arrived, or what is in the pipe would be lost.
 * - Nothing blocks in the kernel but poll(2), and that for a slice of time: so every wait hears of the end of the lab.
 *
 * Progress: blocking. Sources: pipe(7), write(2).
 */
import { closeSync } from 'node:fs';
import { IpcError } from '../core/errors.ts';
import { natural } from '../core/natural.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import { type AsyncWaitOptions, type Condition, refuseNoOptions } from '../memory/waiting.ts';
import { partOf } from './pipe-bytes.ts';
import { createOsPipeLink, endOf, identityOf, setIdentity } from './os-pipe-link.ts';
import type { End, PipeEnd } from './pipe-end.ts';
import { pidsIn } from './pids.ts';
import { bodyCell, KIND, Primitive, type PrimitiveOptions } from './primitive.ts';
import { isEndless, refuseNoTimeout } from '../memory/timeout.ts';

const READS = 0;
const WRITES = 1;
/** What a pipe holds on Linux unless told otherwise. */
const CAPACITY_BYTES = 64 * 1024;
/** Where the kernel tells nobody: how often to look whether somebody has come or gone. */
const POLL_MS = 5;
const KEPT_MS = 100;
const EVERYBODY = 2 ** 31 - 1;

/** One end of a pipe of the operating system: the one that reads, or the one that writes. */
export class OsPipe extends Primitive {
  readonly kind = 'OsPipe';
  readonly #link: number;
  readonly #end: End;
  readonly #ours: PipeEnd;
  readonly #theirs: PipeEnd;
  readonly #descriptor: number;
  /** The kernel knows nobody at the other end, and would not let us sleep. */
  #deserted = false;
  #buffer: Uint8Array | undefined;

  private constructor(memory: LabMemory, offset: number, descriptor: number) {
    super(memory, offset);
    this.#link = linkOf(memory, offset);
    this.#end = memory.cells.load(bodyCell(offset) + 1) as End;
    this.#ours = endOf(memory, this.#link, this.#end);
    this.#theirs = endOf(memory, this.#link, this.#end === READS ? WRITES : READS);
    this.#descriptor = descriptor;
    this.#ours.join();
  }

  /** Makes a pipe: the end that reads, and the end that writes. @internal */
  static createPipe(memory: LabMemory, { name }: PrimitiveOptions = {}): [OsPipe, OsPipe] {
    const { cells, objects, platform } = memory;
    using shared = createOsPipeLink(memory);
    const link = shared[SHARED_OBJECT];
    const { reader, writer, identity } = platform.pipes.create();
    setIdentity(memory, link, identity);
    const make = (end: End, descriptor: number): OsPipe =>
      objects.create(KIND.osPipe, 8, name, (offset) => {
        objects.refer(bodyCell(offset), link);
        cells.store(bodyCell(offset) + 1, end);
        endOf(memory, link, end).bind(offset);
        return new OsPipe(memory, offset, descriptor);
      });
    const made: OsPipe[] = [];
    try {
      made.push(make(READS, reader));
      return [made[0] as OsPipe, make(WRITES, writer)];
    } catch (error) {
      // There was no memory for it. An end that was made closes its own.
      for (const descriptor of [reader, writer].slice(made.length)) closeSync(descriptor);
      for (const end of made) end.close();
      throw error;
    }
  }

  /** @internal */
  static attach(memory: LabMemory, offset: number): OsPipe {
    const identity = identityOf(memory, linkOf(memory, offset));
    const writes = memory.cells.load(bodyCell(offset) + 1) === WRITES;
    const descriptor = memory.platform.pipes.open(identity, pidsIn(memory), writes);
    if (descriptor !== undefined) return new OsPipe(memory, offset, descriptor);
    throw new IpcError('ERR_IPC_CLOSED', 'nobody has the pipe open any more, and what was in it is gone', {
      hint: 'Who hands an end on must live until the other process has received it.',
    });
  }

  /** See {@link Kind.forget}. @internal */
  static forget(memory: LabMemory, offset: number, id: number): void {
    const link = linkOf(memory, offset);
    if (link !== 0) endOf(memory, link, memory.cells.load(bodyCell(offset) + 1) as End).leave(id);
  }

  /** See {@link Kind.free}. @internal */
  static free(memory: LabMemory, offset: number): void {
    const link = linkOf(memory, offset);
    if (link === 0) return;
    endOf(memory, link, memory.cells.load(bodyCell(offset) + 1) as End).end();
    memory.objects.unrefer(bodyCell(offset));
  }

  /** Whether this is the end that reads. */
  get readable(): boolean {
    return this.#end === READS;
  }

  /** Whether this is the end that writes. */
  get writable(): boolean {
    return this.#end === WRITES;
  }

  /**
   * Reads what there is, at most `maxBytes` and 64 KiB; blocks while there is nothing. Returns no bytes at the end of file: nobody has the end that
   * writes any more, and all was read.
   * @throws IpcError `ERR_IPC_TIMEOUT`; `ERR_IPC_NOBODY_LEFT` when this process alone has the end that writes; `ERR_IPC_UNSUPPORTED` on that end
   */
  read(maxBytes?: number, timeoutMs?: number): Uint8Array {
    refuseNoTimeout(timeoutMs);
    const condition = this.#forever(this.#something(maxBytes), timeoutMs);
    return this.memory.waiter.block(condition, timeoutMs) ?? this.#late(timeoutMs);
  }

  /** As {@link read}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async readAsync(maxBytes?: number, options: AsyncWaitOptions = {}): Promise<Uint8Array> {
    refuseNoOptions(options);
    refuseNoTimeout(options.timeoutMs);
    const condition = { ...this.#something(maxBytes), pollMs: POLL_MS };
    return (await this.memory.waiter.blockAsync(condition, options)) ?? this.#late(options.timeoutMs);
  }

  /**
   * Writes bytes; blocks while the pipe is full. Returns how many were written: all, or fewer when `timeoutMs` passed first. Up to 4,096 bytes go in
   * whole or not at all; of more, those of another writer may come in between.
   * @throws IpcError `ERR_IPC_BROKEN_PIPE` when nobody has the end that reads any more; `ERR_IPC_NOBODY_LEFT` when it is full and this process alone has
   * that end; `ERR_IPC_UNSUPPORTED` on that end
   */
  write(bytes: Uint8Array, timeoutMs?: number): number {
    refuseNoTimeout(timeoutMs);
    const writing = this.#room(partOf(bytes));
    this.memory.waiter.block(this.#forever(writing, timeoutMs), timeoutMs);
    return writing.written;
  }

  /** As {@link write}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED`; what was written by then is */
  async writeAsync(bytes: Uint8Array, options: AsyncWaitOptions = {}): Promise<number> {
    refuseNoOptions(options);
    refuseNoTimeout(options.timeoutMs);
    // What is written is what it was when it was to be written.
    const writing = Object.assign(this.#room(partOf(bytes).slice()), { pollMs: POLL_MS });
    await this.memory.waiter.blockAsync(writing, options);
    return writing.written;
  }

  /** Ends this process's use of it. When nobody has this end any more, who has the other learns of it. Idempotent. */
  override close(): void {
    if (this.closed) return;
    const kept = this.#ours.underWay;
    this.#ours.leave();
    super.close();
    if (kept) this.#keep();
    else closeSync(this.#descriptor);
    this.memory.waiter.wake(this.#ours.versionCell, EVERYBODY);
  }

  /** Closes the descriptor once nobody is under way who will open the end for himself. */
  #keep(): void {
    const identity = identityOf(this.memory, this.#link);
    const timer = setInterval(() => {
      // Both ends may have been closed by everybody, and their memory be another's.
      const lives = identityOf(this.memory, this.#link) === identity && !this.#ours.closed;
      if (lives && this.#ours.underWay) return;
      clearInterval(timer);
      closeSync(this.#descriptor);
    }, KEPT_MS);
    timer.unref();
  }

  #something(maxBytes: number = CAPACITY_BYTES): Condition<Uint8Array> {
    natural('the most bytes to read', maxBytes, 1);
    this.#mustBe(READS, 'writes', 'read');
    const most = Math.min(maxBytes, CAPACITY_BYTES);
    return this.#wait('read', (gone) => {
      const count = this.#read(most);
      // Whoever is gone may have written something just before.
      if (!count && gone()) return this.#taken(this.#read(most) ?? 0);
      this.#deserted = count === 0;
      return count ? this.#taken(count) : undefined;
    });
  }

  #room(bytes: Uint8Array): Condition<true> & { readonly written: number } {
    this.#mustBe(WRITES, 'reads', 'write');
    const state = { written: 0 };
    const wait = this.#wait('write', (gone): true | undefined => {
      while (state.written < bytes.length) {
        if (gone()) throw this.#broken();
        const count = this.memory.platform.pipes.write(this.#descriptor, bytes, state.written);
        this.#deserted = count === 0;
        if (!count) return undefined;
        state.written += count;
        this.memory.bells.ringAll();
      }
      return true;
    });
    return Object.assign(state, wait);
  }

  #wait<T>(verb: 'read' | 'write', attempt: (gone: () => boolean) => T | undefined): Condition<T> {
    const { versionCell } = this.#theirs;
    let gone = false;
    const condition: Condition<T> = {
      verb,
      target: this[SHARED_OBJECT],
      cell: versionCell,
      expected: 0,
      attempt: () => {
        condition.expected = this.cells.load(versionCell);
        return attempt(() => gone || this.#theirs.gone(false));
      },
      // The next attempt says so, once it has looked whether anything is left.
      check: (thorough) => {
        gone = this.#theirs.gone(thorough);
      },
      sleep: (timeoutMs) =>
        this.#deserted
          ? this.cells.wait(versionCell, condition.expected, Math.min(timeoutMs, POLL_MS)) === 'timed-out'
          : !this.memory.platform.pipes.wait(this.#descriptor, verb === 'write', timeoutMs),
    };
    return condition;
  }

  /** While this process is blocked it cannot itself use the other end: a wait for ever that depends on it alone is refused. */
  #forever<C extends Condition<unknown>>(condition: C, timeoutMs: number | undefined): C {
    if (!isEndless(timeoutMs)) return condition;
    const check = condition.check.bind(condition);
    condition.check = (thorough) => {
      check(thorough);
      if (!this.#theirs.mineAlone(thorough)) return;
      // Whoever was there until now may have used it just before.
      if (this.memory.platform.pipes.wait(this.#descriptor, this.writable, 0)) return;
      throw new IpcError('ERR_IPC_NOBODY_LEFT', `nobody but this process has the other end of ${this.name}`, {
        hint: 'Close the end that you do not use once the other process has it: then its death is an end of file.',
      });
    };
    return condition;
  }

  #read(mostBytes: number): number | undefined {
    this.#buffer ??= new Uint8Array(CAPACITY_BYTES);
    return this.memory.platform.pipes.read(this.#descriptor, this.#buffer, mostBytes);
  }

  /** A copy of what was read; who waits for room asynchronously hears of it. */
  #taken(count: number): Uint8Array {
    this.memory.bells.ringAll();
    return (this.#buffer ?? new Uint8Array()).slice(0, count);
  }

  #mustBe(end: End, does: string, verb: string): void {
    // Throws when it is closed.
    this.cells.load(this.#theirs.versionCell);
    if (this.#end === end) return;
    throw new IpcError('ERR_IPC_UNSUPPORTED', `${this.name} only ${does}: it cannot ${verb}`, {
      hint: 'const [reader, writer] = lab.osPipe(): each end does one of the two.',
    });
  }

  #broken(): IpcError {
    return new IpcError('ERR_IPC_BROKEN_PIPE', `${this.name} cannot write: nobody has the end that reads any more`);
  }

  #late(timeoutMs: number | undefined): never {
    throw new IpcError('ERR_IPC_TIMEOUT', `there was nothing to read from ${this.name} within ${timeoutMs} ms`);
  }
}

function linkOf(memory: LabMemory, offset: number): number {
  return memory.cells.load(bodyCell(offset)) >>> 0;
}
