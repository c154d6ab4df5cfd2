/**
 * What a queue whose messages come out in another order than they went in has in shared memory, and what happens there under its guard.
 *
 * ```
 * body cell 0         its guard (guarded.ts)
 *           1 own     byte offset of cells of its own, because there are more of them than the body has room for:
 *
 * own cell  0 … 15    a table (ordered-table.ts)
 *          16 capacity
 *          17 shut    1 when nothing more may be put in
 *          18 puts    ┐ changed with every message that is put in, taken out, or done with: to sleep on
 *          19 takes   │
 *          20 dones   ┘
 *          22 done    messages ever done with (Float64)
 * ```
 *
 * Everything happens with the guard held, so that each message is there from one store on and gone from another; what else there is follows
 * from that, and whoever takes the guard over from the dead makes it anew. Progress: blocking.
 */
import { IpcError } from '../core/errors.ts';
import { natural } from '../core/natural.ts';
import type { CountedWaitable } from '../memory/counted-waitable.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { Guarded } from './guarded.ts';
import { discardMessage, type Message, parcelOf, type Received, readMessage, writeMessage } from './message.ts';
import { type Before, type EntryView, OrderedTable, STATE_CELLS } from './ordered-table.ts';
import { bodyCell, type PrimitiveOptions } from './primitive.ts';

export interface OrderedQueueOptions extends PrimitiveOptions {
  /** How many messages it holds at most; without it as many as there is memory for. */
  readonly capacity?: number | undefined;
}

const OWN = 1;
const CAPACITY = STATE_CELLS;
const SHUT = STATE_CELLS + 1;
const PUTS = STATE_CELLS + 2;
const TAKES = STATE_CELLS + 3;
const DONES = STATE_CELLS + 4;
const DONE = STATE_CELLS + 6;
const OWN_CELLS = STATE_CELLS + 8;

const EVERYBODY = 2 ** 31 - 1;
const UNBOUNDED = 2 ** 31 - 1;

/** A message made ready. */
export interface Prepared {
  readonly message: Message;
  readonly priority: number;
}

/** A message that was taken out. */
export interface Taken {
  readonly received: Received;
  readonly priority: number;
}

export abstract class OrderedStore extends Guarded implements CountedWaitable {
  readonly #own: number;
  readonly #table: OrderedTable;

  /** @internal */
  protected constructor(memory: LabMemory, offset: number, before: Before) {
    super(memory, offset);
    this.#own = (memory.cells.load(bodyCell(offset) + OWN) >>> 0) / 4;
    this.#table = new OrderedTable(memory.cells, memory.arena, this.#own, before);
  }

  /** Makes an empty queue of a class derived from this one. @internal */
  protected static begin<Q extends Guarded>(
    memory: LabMemory,
    kind: number,
    { name, capacity }: OrderedQueueOptions,
    attach: (offset: number) => Q,
  ): Q {
    const most = capacity === undefined ? UNBOUNDED : natural('the capacity of a queue', capacity, 1);
    return Guarded.make(memory, kind, { name }, (offset) => {
      const own = memory.objects.allocatePart(bodyCell(offset) + OWN, OWN_CELLS * 4);
      OrderedTable.initialize(memory.cells, own / 4, (cell, sizeBytes) => memory.objects.allocatePart(cell, sizeBytes));
      memory.cells.store(own / 4 + CAPACITY, most);
      return attach(offset);
    });
  }

  /** How many messages it may hold; Infinity when nothing but memory bounds it. */
  get capacity(): number {
    const capacity = this.cells.load(this.#own + CAPACITY);
    return capacity === UNBOUNDED ? Infinity : capacity;
  }

  /** How many messages are in it, as of a moment ago. */
  get size(): number {
    this.refuseClosed();
    // A count that a dead process has not brought up to date would stay wrong until somebody puts or takes.
    if (this.guardDied(false)) this.guarded(() => {});
    return this.#table.count;
  }

  /** @internal */
  override shownContents(): unknown {
    return `${this.size} messages`;
  }

  /** How many messages were put in and not reported as done. */
  get unfinished(): number {
    return this.guarded(() => this.#unfinished);
  }

  /** Says that one message that was taken out is done with. @throws IpcError `ERR_IPC_RELEASED_TOO_OFTEN` when all are already */
  taskDone(): void {
    const left = this.guarded(() => {
      if (this.#unfinished <= 0) throw this.#tooManyDone();
      return this.#oneDone();
    });
    if (left === 0) this.wakeSleepers(this.doneCell, EVERYBODY);
  }

  /** Ends the queue: nothing can be put in any more, and nothing taken out once it is empty, which `immediate` makes it. Idempotent. */
  shutdown(immediate = false): void {
    this.guarded(() => {
      this.cells.store(this.#own + SHUT, 1);
      for (let left = immediate ? this.#takeNow() : undefined; left !== undefined; left = this.#takeNow()) {
        discardMessage(left.received, this.memory);
        if (this.#unfinished > 0) this.#oneDone();
      }
      for (const cell of [this.putCell, this.takeCell]) this.cells.add(cell, 1);
    });
    for (const cell of [this.putCell, this.takeCell, this.doneCell]) this.wakeSleepers(cell, EVERYBODY);
  }

  /** @internal */
  get waitCell(): number {
    return this.putCell;
  }

  /** @internal */
  isReady(): boolean {
    return this.size > 0 || this.cells.load(this.#own + SHUT) === 1;
  }

  /** @internal */
  isInVain(asynchronous: boolean): boolean {
    return !this.isReady() && !this.anyoneLeft(asynchronous, true);
  }

  /** Changes with every message put in. @internal */
  protected get putCell(): number {
    return this.#own + PUTS;
  }

  /** Changes with every message taken out. @internal */
  protected get takeCell(): number {
    return this.#own + TAKES;
  }

  /** Changes with every message done with. @internal */
  protected get doneCell(): number {
    return this.#own + DONES;
  }

  /** Puts a message in if there is room for it. @throws IpcError `ERR_IPC_SHUT_DOWN` @internal */
  protected push({ message, priority }: Prepared): boolean {
    const put = this.guarded(() => {
      if (this.cells.load(this.#own + SHUT) === 1) throw this.#shutDown('put into');
      if (this.#table.count >= this.capacity) return false;
      const { kind, length, number } = message;
      const push = (): void =>
        this.#table.push({ kind, length, number, priority }, (at) => writeMessage(message, this.memory, at));
      const parcel = parcelOf(message);
      if (parcel === undefined) push();
      else this.memory.parcels.handOver(parcel, -this.#own, push);
      this.cells.add(this.putCell, 1);
      return true;
    });
    if (put) this.wakeSleepers(this.putCell, 1);
    return put;
  }

  /** Takes the next message out if there is one. @throws IpcError `ERR_IPC_SHUT_DOWN` when there will never be one @internal */
  protected take(): Taken | undefined {
    const taken = this.guarded(() => {
      const next = this.#takeNow();
      if (next === undefined && this.cells.load(this.#own + SHUT) === 1) throw this.#shutDown('taken out of');
      return next;
    });
    if (taken !== undefined) this.wakeSleepers(this.takeCell, 1);
    return taken;
  }

  /** @internal */
  protected override mend(): void {
    this.#table.mend();
  }

  /** See {@link Kind.free}. @internal */
  static override free(memory: LabMemory, offset: number): void {
    const own = (memory.cells.load(bodyCell(offset) + OWN) >>> 0) / 4;
    if (own !== 0) {
      freeOrdered(memory, own);
      memory.objects.freePart(bodyCell(offset) + OWN);
    }
    Guarded.free(memory, offset);
  }

  /** @internal */
  protected refuseClosed(): void {
    if (this.closed) this.cells.load(0);
  }

  #takeNow(): Taken | undefined {
    const entry = this.#table.peek();
    if (entry === undefined) return undefined;
    const received = takeFrom(this.#table, entry, this.memory);
    this.memory.cells.add(this.takeCell, 1);
    return { received, priority: entry.priority };
  }

  get #unfinished(): number {
    return this.#table.pushed - this.cells.loadFloat64((this.#own + DONE) / 2);
  }

  /** Returns how many are left to do. */
  #oneDone(): number {
    const done = (this.#own + DONE) / 2;
    this.cells.storeFloat64(done, this.cells.loadFloat64(done) + 1);
    this.cells.add(this.doneCell, 1);
    return this.#unfinished;
  }

  #tooManyDone(): IpcError {
    return new IpcError(
      'ERR_IPC_RELEASED_TOO_OFTEN',
      `taskDone() was called for more messages than were put into ${this.name}`,
      { hint: 'Call it once for each message that was taken out.' },
    );
  }

  #shutDown(act: string): IpcError {
    return new IpcError('ERR_IPC_SHUT_DOWN', `${this.name} was shut down: nothing can be ${act} it any more`);
  }
}

/** Frees what there is below the cells of its own. @param own first of those cells */
function freeOrdered(memory: LabMemory, own: number): void {
  const table = new OrderedTable(memory.cells, memory.arena, own, () => true);
  if (memory.cells.load(table.tableCell) === 0) return;
  // Whoever had it last may have been killed in the middle of something.
  table.mend();
  for (let left = table.peek(); left !== undefined; left = table.peek())
    discardMessage(takeFrom(table, left, memory), memory);
  memory.objects.freePart(table.tableCell);
}

/** Takes a message out; what lies elsewhere is then in this process's hands. */
function takeFrom(table: OrderedTable, entry: EntryView, memory: LabMemory): Received {
  const received = readMessage(entry, memory);
  const parcel = parcelOf(received);
  if (parcel === undefined) table.take(entry);
  else memory.parcels.takeOver(parcel, -table.baseCell, () => table.take(entry));
  return received;
}
