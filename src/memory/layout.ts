/**
 * Where things lie in the segment of a lab. Every process of the lab maps it whole.
 *
 * ```
 * byte 0         header     the cells named HEADER below; then per size class of the arena: head, hint, free count
 * 4096           slots      SLOT_COUNT × 320 bytes, one per process (slots.ts)
 * 331776         chunk map  two cells per granule of 64 bytes (arena.ts)
 * …              granules   what the arena hands out
 * ```
 *
 * Cells are counted from the start of the segment.
 */
export const HEADER = {
  /** MAGIC, so that a wrong descriptor is noticed at once. */
  magic: 0,
  /** Size of the segment in bytes, unsigned. */
  sizeBytes: 1,
  /** Pid of the process that starts and reaps the others. */
  supervisorPid: 2,
  /** A LAB_STATE. */
  state: 3,
  /** How many processes have an asynchronous wait pending; while 0, waking rings no bells. Writer: waiting.ts. */
  asyncWaiters: 4,
  /** Counts objects made, for their names. */
  ordinal: 5,
  /** Granules handed out so far, from the front. Writer: arena.ts. */
  arenaTop: 6,
  /** Granules with memory behind them. Writer: arena.ts. */
  arenaCommitted: 7,
  /** Where the search for a free slot begins. A hint only. */
  slotHint: 8,
  /** The blob that says what is about to run, 0 until the main process knows. Writer: the main process, once. */
  announcement: 12,
  /** The blob with the scenario's outcome, 0 until there is one. Writer: the main process, once. */
  outcome: 9,
  /** 1 when the scenario lies where 'ipc-lab' cannot be found and every process must help it. Writer: the main process, once. */
  ownName: 13,
  /** One more than the largest index of a slot that was ever claimed: what lies beyond need not be looked at. */
  slotTop: 14,
  /** The first of the entries that say where lock directories may be left behind; 0 for none. Writer: lock-places.ts. */
  lockPlaces: 15,
  /** Counts the processes and threads that have ended. Writers: who announces it. */
  ends: 16,
  /** Two cells, one Float64: the instant on the monotonic clock, in milliseconds, from which the lab's times count. */
  epoch: 10,
} as const;

/** The least a lab can do with: the tables, and an arena of some size. */
export const SMALLEST_LAB_BYTES = 1024 ** 2;
/** Address space, not memory: pages are taken when they are first needed. */
export const DEFAULT_LAB_BYTES = 1024 ** 3;
/** The header keeps the size in 32 bits. */
export const LARGEST_LAB_BYTES = 4 * 1024 ** 3 - 4096;

export const MAGIC = 0x1bc1ab01;

export const LAB_STATE = { running: 1, ending: 2 } as const;

export const CLASS_COUNT = 112;
/** Per size class: the newest chunk of the class (granule + 1, 0 for none). */
export const CLASS_HEADS_CELL = 32;
/** Per size class: where the search for a free chunk begins. A hint only. */
export const CLASS_HINTS_CELL = CLASS_HEADS_CELL + CLASS_COUNT;
/** Per size class: about how many chunks are free. May drift when a process is killed; never trusted alone. */
export const CLASS_FREE_CELL = CLASS_HINTS_CELL + CLASS_COUNT;

export const SLOTS_OFFSET = 4096;
export const SLOT_COUNT = 1024;
export const SLOT_SIZE_BYTES = 320;

export const CHUNK_MAP_OFFSET = SLOTS_OFFSET + SLOT_COUNT * SLOT_SIZE_BYTES;
/** One cache line: what two processes get never shares one. (Apple's processors have lines of two granules.) */
export const GRANULE_BYTES = 64;
export const CHUNK_MAP_ENTRY_BYTES = 8;

export interface ArenaExtent {
  readonly granules: number;
  /** Byte offset of granule 0. */
  readonly dataOffset: number;
}

/** Splits what follows the slots between the chunk map and the granules it describes. */
export function arenaExtent(segmentSizeBytes: number): ArenaExtent {
  const room = segmentSizeBytes - CHUNK_MAP_OFFSET;
  const granules = Math.floor((room - GRANULE_BYTES) / (GRANULE_BYTES + CHUNK_MAP_ENTRY_BYTES));
  const mapEnd = CHUNK_MAP_OFFSET + granules * CHUNK_MAP_ENTRY_BYTES;
  return { granules, dataOffset: Math.ceil(mapEnd / GRANULE_BYTES) * GRANULE_BYTES };
}
