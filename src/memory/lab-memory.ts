import { IpcError } from '../core/errors.ts';
import type { Platform } from '../platform/platform.ts';
import { Arena } from './arena.ts';
import { Bells } from './bells.ts';
import type { Cells } from './cells.ts';
import { monotonicMs } from './clock.ts';
import { decode, encode, type ValueLabel } from './codec.ts';
import { arenaExtent, CHUNK_MAP_OFFSET, DEFAULT_LAB_BYTES, HEADER, LAB_STATE, MAGIC } from './layout.ts';
import { ObjectTable } from './objects.ts';
import { Parcels } from './parcels.ts';
import { RawCells } from './raw-cells.ts';
import { Segment } from './segment.ts';
import { SlotTable } from './slots.ts';
import { ThreadSlots } from './thread-slots.ts';
import { TimelessWaiter } from './timeless-waiter.ts';
import { Waiter } from './waiting.ts';

/** Everything that a process of a lab shares with the others: the segment, and each structure in it, as seen from one slot. */
export class LabMemory {
  readonly platform: Platform;
  readonly segment: Segment;
  readonly cells: Cells;
  readonly slots: SlotTable;
  readonly threads: ThreadSlots;
  readonly bells: Bells;
  /** Slot id of this process. */
  readonly self: number;
  readonly arena: Arena;
  readonly objects: ObjectTable;
  readonly parcels: Parcels;
  readonly waiter: Waiter;
  /** Whether looking again for a moment before sleeping can be worth it: another process may run at the same time. */
  readonly mayLook: boolean;
  readonly #epochMs: number;
  /** The cells themselves, also where primitives see others. */
  readonly #raw: Cells;

  /** @param gated what primitives see instead of the cells themselves */
  private constructor(platform: Platform, segment: Segment, cells: Cells, self: number, gated?: Cells) {
    this.platform = platform;
    this.segment = segment;
    this.#raw = cells;
    this.cells = gated ?? cells;
    this.self = self;
    this.mayLook = gated === undefined && platform.cores > 1;
    this.#epochMs = cells.loadFloat64(HEADER.epoch / 2);
    this.slots = new SlotTable(cells, platform);
    this.threads = new ThreadSlots(cells, this.slots, platform);
    this.bells = new Bells(cells, this.slots);
    this.arena = new Arena(cells, segment.sizeBytes, self, segment);
    // What is watched is set back by whoever watches it.
    const recorded = gated === undefined ? self : 0;
    this.objects = new ObjectTable(cells, this.arena, recorded);
    this.parcels = new Parcels(cells, this.arena, this.objects, recorded);
    const AWaiter = gated === undefined ? Waiter : TimelessWaiter;
    this.waiter = new AWaiter(this.cells, this.slots, this.bells, self, platform, segment.mapping, this.#epochMs);
  }

  /** Makes the memory of a new lab, with this process in its first slot. */
  static create(platform: Platform, sizeBytes = DEFAULT_LAB_BYTES): LabMemory {
    const segment = Segment.create(platform, Math.ceil(sizeBytes / platform.pageSizeBytes) * platform.pageSizeBytes);
    if (arenaExtent(segment.sizeBytes).granules < 1 || !segment.commit(0, CHUNK_MAP_OFFSET)) {
      throw new IpcError('ERR_IPC_OUT_OF_MEMORY', 'there is no memory for the tables of a lab');
    }
    const cells = new RawCells(platform, segment.mapping);
    cells.store(HEADER.magic, MAGIC);
    cells.store(HEADER.sizeBytes, segment.sizeBytes);
    cells.store(HEADER.supervisorPid, process.pid);
    cells.store(HEADER.state, LAB_STATE.running);
    cells.storeFloat64(HEADER.epoch / 2, monotonicMs());
    const slots = new SlotTable(cells, platform);
    const self = slots.claim('supervisor', 0, false);
    slots.spawned(self, process.pid);
    return new LabMemory(platform, segment, cells, self);
  }

  /** Maps the memory of the lab that this process was started for. */
  static attach(platform: Platform, descriptor: number, self: number): LabMemory {
    return LabMemory.#enter(platform, Segment.attach(platform, descriptor), self);
  }

  /** The memory that this process has mapped already, for a thread of it that has a slot of its own. @param handle see {@link Mapping.handle} */
  static view(platform: Platform, descriptor: number, handle: bigint, self: number): LabMemory {
    return LabMemory.#enter(platform, Segment.view(platform, descriptor, handle), self);
  }

  static #enter(platform: Platform, segment: Segment, self: number): LabMemory {
    const cells = new RawCells(platform, segment.mapping);
    if (cells.load(HEADER.magic) !== MAGIC)
      throw new IpcError('ERR_IPC_INTERNAL', 'the descriptor handed down is not the memory of a lab');
    return new LabMemory(platform, segment, cells, self);
  }

  /**
   * The same memory for primitives that are to be watched: they go through `gated`, and their waits end by being woken and by nothing else. The
   * tables and the arena stay as they are; handles made from this memory are its own.
   */
  behind(gated: Cells): LabMemory {
    return new LabMemory(this.platform, this.segment, this.#raw, this.self, gated);
  }

  /** Slot id of the process that this is, or whose thread this is. */
  get process(): number {
    return this.slots.host(this.self) || this.self;
  }

  get supervisorPid(): number {
    return this.cells.load(HEADER.supervisorPid);
  }

  /** Milliseconds since the lab began; the same clock in all its processes. */
  nowMs(): number {
    return monotonicMs() - this.#epochMs;
  }

  /** Tells every waiting process that the lab is ending: their waits throw `ERR_IPC_LAB_ENDING`. */
  end(): void {
    this.cells.store(HEADER.state, LAB_STATE.ending);
    this.slots.wakeSleepers();
  }

  /** Says that a process or thread has ended to all who may depend on it: they look again. */
  announceEnd(id: number): void {
    this.cells.add(HEADER.ends, 1);
    this.bells.disarm(id);
    this.slots.wakeSleepers();
    this.bells.ringAll();
  }

  /** Puts a value into shared memory for one reader. `what` names it in errors. Returns the parcel's offset. */
  put(value: unknown, what: ValueLabel): number {
    const { bytes, references } = encode(value, this.objects, what);
    const parcel = this.parcels.pack(bytes, references);
    this.parcels.handOver(parcel, 0, () => {});
    return parcel;
  }

  /** Takes out a value that {@link put} put in, and frees its memory. */
  take(parcel: number): unknown {
    // A cell is signed, an offset is not.
    const offset = parcel >>> 0;
    this.parcels.takeOver(offset, 0, () => {});
    return unpack(offset, this);
  }

  /** As {@link take}, once, for who frees the parcel by {@link discard}. */
  read(parcel: number): unknown {
    return decode(this.parcels.bytes(parcel >>> 0), this.objects, (index) =>
      this.parcels.referenceCell(parcel >>> 0, index),
    );
  }

  /** In the place of {@link take}: nobody will ever want what was put in. */
  discard(parcel: number): void {
    this.parcels.discard(parcel >>> 0);
  }

  /** See {@link ObjectTable.reap}. */
  reap(id: number): void {
    this.objects.reap(id, (parcel) => this.parcels.giveBack(parcel, id));
  }

  close(): void {
    this.segment.close();
  }
}

/** The value in a parcel that is in this process's hands, and is freed. */
export function unpack(parcel: number, { objects, parcels }: LabMemory): unknown {
  try {
    return decode(parcels.bytes(parcel), objects, (index) => parcels.referenceCell(parcel, index));
  } finally {
    parcels.discard(parcel);
  }
}
