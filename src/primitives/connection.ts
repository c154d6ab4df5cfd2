/**
 * One end of a pipe: messages out by one channel and in by another. What both ends share is in pipe-link.ts.
 *
 * ```
 * cell 0 link   byte offset of what both ends share
 *      1 end    0 or 1
 * ```
 *
 * Any number of processes may hold one end: each message goes to one of them, whole. A message that would take more than a quarter of the
 * lane lies in a chunk of its own and takes a quarter as ballast, so that `send` waits for a slow reader however large the messages are.
 */
import { IpcError } from '../core/errors.ts';
import { natural, shown } from '../core/natural.ts';
import type { CountedWaitable } from '../memory/counted-waitable.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import { type AsyncWaitOptions, refuseNoOptions } from '../memory/waiting.ts';
import { discardAll } from './message.ts';
import { MessageRing } from './message-ring.ts';
import { checkRange, checkTarget, fill, partOf } from './pipe-bytes.ts';
import type { End, PipeEnd } from './pipe-end.ts';
import { createLink, endOf, laneTo } from './pipe-link.ts';
import { oneWay, PipeReader, PipeWriter } from './pipe-sides.ts';
import { bodyCell, KIND, Primitive, type PrimitiveOptions } from './primitive.ts';

export interface PipeOptions extends PrimitiveOptions {
  /** Whether both ends send and receive; true unless told. Else the first only receives and the second only sends. */
  readonly duplex?: boolean | undefined;
  /** How many bytes may be under way in each direction, rounded up to a power of two; 64 KiB unless told. */
  readonly capacityBytes?: number | undefined;
}

const DEFAULT_BYTES = 64 * 1024;
const SMALLEST_BYTES = 1024;
const LARGEST_BYTES = 1024 ** 3;

/** One end of a pipe between processes. */
export class Connection<T = unknown> extends Primitive implements CountedWaitable {
  readonly kind = 'Connection';
  readonly #end: End;
  readonly #ours: PipeEnd;
  readonly #theirs: PipeEnd;
  readonly #in: PipeReader | undefined;
  readonly #out: PipeWriter | undefined;

  private constructor(memory: LabMemory, offset: number) {
    super(memory, offset);
    const link = memory.cells.load(bodyCell(offset)) >>> 0;
    this.#end = memory.cells.load(bodyCell(offset) + 1) as End;
    this.#ours = endOf(memory, link, this.#end);
    this.#theirs = endOf(memory, link, other(this.#end));
    const party = { memory, offset, theirs: this.#theirs, label: () => labelOf(this) };
    const [incoming, outgoing] = [laneTo(memory, link, this.#end), laneTo(memory, link, other(this.#end))];
    this.#in = incoming === undefined ? undefined : new PipeReader(party, incoming);
    this.#out = outgoing === undefined ? undefined : new PipeWriter(party, outgoing);
    this.#ours.join();
  }

  /** Makes a pipe. @param start as in {@link initializeChannel} @internal */
  static createPipe<T>(memory: LabMemory, options: PipeOptions = {}, start = 0): [Connection<T>, Connection<T>] {
    const { name, duplex = true, capacityBytes = DEFAULT_BYTES } = options;
    if (typeof duplex !== 'boolean') {
      throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `a pipe is duplex or not: true or false, not ${shown(duplex)}`);
    }
    const asked = natural('the capacity of a pipe in bytes', capacityBytes, SMALLEST_BYTES, LARGEST_BYTES);
    using shared = createLink(memory, duplex, 2 ** Math.ceil(Math.log2(asked)), name, start);
    const link = shared[SHARED_OBJECT];
    const make = (end: End): Connection<T> =>
      memory.objects.create(KIND.connection, 8, name, (offset) => {
        memory.objects.refer(bodyCell(offset), link);
        memory.cells.store(bodyCell(offset) + 1, end);
        endOf(memory, link, end).bind(offset);
        return new Connection<T>(memory, offset);
      });
    return [make(0), make(1)];
  }

  /** @internal */
  static attach(memory: LabMemory, offset: number): Connection {
    return new Connection(memory, offset);
  }

  /** See {@link Kind.forget}. @internal */
  static forget(memory: LabMemory, offset: number, id: number): void {
    const link = memory.cells.load(bodyCell(offset)) >>> 0;
    if (link !== 0) endOf(memory, link, memory.cells.load(bodyCell(offset) + 1) as End).leave(id);
  }

  /** Whether this end may receive. */
  get readable(): boolean {
    return this.#in !== undefined;
  }

  /** Whether this end may send. */
  get writable(): boolean {
    return this.#out !== undefined;
  }

  /** How many messages can be received at this moment. @internal */
  get unread(): number {
    return Math.max(0, this.#in?.channel.ring.count ?? 0);
  }

  /** @internal */
  override shownContents(): unknown {
    return this.readable ? `${this.unread} messages to receive` : undefined;
  }

  /** The cells that differ when there is something to receive. @internal */
  get counterCells(): { readonly headCell: number; readonly tailCell: number } {
    return this.#incoming().channel.ring;
  }

  /**
   * Sends a message; blocks while so much is under way that there is no room for it.
   * @throws IpcError `ERR_IPC_BROKEN_PIPE` when nobody has the other end; `ERR_IPC_TIMEOUT`; `ERR_IPC_NOT_CLONEABLE`; `ERR_IPC_CLOSED`;
   * `ERR_IPC_NOBODY_LEFT` when this process alone has the other end; `ERR_IPC_UNSUPPORTED` on the end of a one-way pipe that only receives
   */
  send(value: T, timeoutMs?: number): void {
    this.#outgoing().send(value, timeoutMs);
  }

  /** As {@link send}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async sendAsync(value: T, options: AsyncWaitOptions = {}): Promise<void> {
    refuseNoOptions(options);
    await this.#outgoing().sendAsync(value, options);
  }

  /**
   * Sends bytes, or `size` of them from `offset` on, as one message: for {@link recvBytes}.
   * @throws IpcError as {@link send}, and `ERR_IPC_OUT_OF_RANGE`
   */
  sendBytes(bytes: Uint8Array, offset?: number, size?: number): void {
    this.#outgoing().send(partOf(bytes, offset, size), undefined);
  }

  /** As {@link sendBytes}, without blocking the event loop. */
  async sendBytesAsync(
    bytes: Uint8Array,
    offset?: number,
    size?: number,
    options: AsyncWaitOptions = {},
  ): Promise<void> {
    refuseNoOptions(options);
    // What is sent is what it was when it was to be sent.
    await this.#outgoing().sendAsync(partOf(bytes, offset, size).slice(), options);
  }

  /**
   * Receives the next message, whole; blocks while there is none.
   * @throws IpcError `ERR_IPC_END_OF_FILE` when nobody has the other end and all was received; `ERR_IPC_TIMEOUT`; `ERR_IPC_CLOSED`;
   * `ERR_IPC_NOBODY_LEFT` when this process alone has the other end; `ERR_IPC_UNSUPPORTED` on the end of a one-way pipe that only sends
   */
  recv(timeoutMs?: number): T {
    return this.#incoming().receive(timeoutMs) as T;
  }

  /** As {@link recv}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async recvAsync(options: AsyncWaitOptions = {}): Promise<T> {
    refuseNoOptions(options);
    return (await this.#incoming().receiveAsync(options)) as T;
  }

  /**
   * Receives a message of bytes. One that is longer than `maxLength`, or no bytes, stays where it is.
   * @throws IpcError as {@link recv}; `ERR_IPC_OUT_OF_RANGE` when it is too long, `ERR_IPC_INVALID_ARGUMENT` when it is no bytes
   */
  recvBytes(maxLength?: number): Uint8Array {
    const reader = this.#incoming();
    return reader.receive(undefined, reader.bytesOnly(maxLength)) as Uint8Array;
  }

  /** As {@link recvBytes}, without blocking the event loop. */
  async recvBytesAsync(maxLength?: number, options: AsyncWaitOptions = {}): Promise<Uint8Array> {
    refuseNoOptions(options);
    const reader = this.#incoming();
    return (await reader.receiveAsync(options, reader.bytesOnly(maxLength))) as Uint8Array;
  }

  /**
   * Receives a message of bytes into `target`, from `offset` on; returns how many they were.
   * @throws IpcError as {@link recvBytes}; `ERR_IPC_BUFFER_TOO_SHORT`, a {@link BufferTooShort} with the whole message in `bytes`
   */
  recvBytesInto(target: Uint8Array, offset = 0): number {
    checkTarget(target);
    checkRange('the offset in the target', offset, target.length);
    return fill(target, offset, this.recvBytes());
  }

  /** As {@link recvBytesInto}, without blocking the event loop. */
  async recvBytesIntoAsync(target: Uint8Array, offset = 0, options: AsyncWaitOptions = {}): Promise<number> {
    refuseNoOptions(options);
    checkTarget(target);
    checkRange('the offset in the target', offset, target.length);
    return fill(target, offset, await this.recvBytesAsync(undefined, options));
  }

  /** Whether {@link recv} would return or throw at once, within `timeoutMs`: 0 unless told; a negative time is none, Infinity for ever. */
  poll(timeoutMs = 0): boolean {
    return this.#incoming().poll(timeoutMs);
  }

  /** As {@link poll}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async pollAsync(options: AsyncWaitOptions = {}): Promise<boolean> {
    refuseNoOptions(options);
    return this.#incoming().pollAsync(options);
  }

  /** @internal */
  get waitCell(): number {
    return this.#incoming().channel.ring.tailCell;
  }

  /** @internal */
  isReady(): boolean {
    return this.#incoming().ready;
  }

  /** @internal */
  isInVain(asynchronous: boolean): boolean {
    return !asynchronous && !this.isReady() && this.#theirs.mineAlone(true);
  }

  /** @internal */
  listen(by: 1 | -1): void {
    this.#in?.channel.listen(by);
  }

  /** Ends this process's use of it. When nobody has this end any more, who has the other learns of it. Idempotent. */
  override close(): void {
    if (this.closed) return;
    const cells = [this.#in?.channel.ring.headCell, this.#out?.channel.ring.tailCell];
    this.#ours.leave();
    this.#in?.channel.leave();
    this.#out?.channel.leave();
    super.close();
    for (const cell of cells) if (cell !== undefined) this.memory.waiter.wake(cell, EVERYBODY);
  }

  /** See {@link Kind.free}. @internal */
  static free(memory: LabMemory, offset: number): void {
    const link = memory.cells.load(bodyCell(offset)) >>> 0;
    if (link === 0) return;
    const end = memory.cells.load(bodyCell(offset) + 1) as End;
    // It may hold references to other ends, which are not to wait for the end of this pipe.
    const lane = laneTo(memory, link, end);
    if (lane !== undefined) discardAll(new MessageRing(memory.cells, lane), memory);
    endOf(memory, link, end).end();
    memory.objects.unrefer(bodyCell(offset));
  }

  #incoming(): PipeReader {
    if (this.closed) this.cells.load(0);
    if (this.#in === undefined) throw oneWay(labelOf(this), 'sends', 'receive');
    return this.#in;
  }

  #outgoing(): PipeWriter {
    if (this.closed) this.cells.load(0);
    if (this.#out === undefined) throw oneWay(labelOf(this), 'receives', 'send');
    return this.#out;
  }
}

const EVERYBODY = 2 ** 31 - 1;

function labelOf({ kind, name }: Primitive): string {
  return name.startsWith(kind) ? name : `${kind} ${JSON.stringify(name)}`;
}

function other(end: End): End {
  return end === 0 ? 1 : 0;
}
