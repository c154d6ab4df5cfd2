/**
 * What ipc-lab needs from an operating system: one interface, one file per system that implements it.
 * Nothing above this folder knows which system it runs on, nor that there is a foreign function interface.
 *
 * All addresses are byte offsets into a {@link Mapping}; all times are milliseconds.
 */

/** A range of shared memory, mapped into this process. */
export interface Mapping {
  readonly sizeBytes: number;
  /** The memory itself, not a copy. After {@link Mapping.close} it is still readable, but private and empty. */
  readonly buffer: ArrayBuffer;
  /** What {@link Platform.view} takes on another thread of this process. */
  readonly handle: bigint;
  /**
   * Gives the memory back. Views made earlier stay harmless: they then see private zeroes, never a fault,
   * because anonymous memory takes the place of the shared range. Idempotent.
   */
  close(): void;
}

/** How a wait on a cell ended. `changed`: the cell did not hold the expected value, so there was no sleep. */
export type WaitOutcome = 'woken' | 'changed' | 'timed-out';

/** Who a process is, in a form that survives the reuse of its pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the process started, in a unit of the operating system's own; 0 when unknown. */
  readonly startTime: number;
}

/** Runs something in the middle of which the calling thread must not be stopped. */
export type Guard = <T>(work: () => T) => T;

/** A regular file, mapped into this process and shared with everyone who maps it. */
export interface FileMapping {
  /** What another process opens it by; of a temporary file only as long as this mapping is open. */
  readonly path: string;
  /** What people call it: its path, if it has one that lasts. */
  readonly label: string;
  /** Tells this file from every other, whatever path leads there: a path may lead to another file by now. */
  readonly identity: string;
  readonly sizeBytes: number;
  /** Copies bytes out. False: the file has become shorter than the mapping. Never a fault. */
  read(byteOffset: number, target: Uint8Array): boolean;
  /** Copies bytes in; false as for {@link read}. @throws IpcError `ERR_IPC_FILE` when the file system has no room for them */
  write(byteOffset: number, source: Uint8Array): boolean;
  /** The mapping itself; undefined when the file is shorter. Whoever touches it after the file has shrunk is killed by the system. */
  expose(): ArrayBuffer | undefined;
  /** Waits until what was written is on the disk. */
  flush(): void;
  /** Gives the mapping and the file back. What {@link expose} gave then sees private zeroes, never a fault. Idempotent. */
  close(): void;
}

/** Mapping regular files. All throw `ERR_IPC_FILE_NOT_FOUND`, `ERR_IPC_FILE_EMPTY`, `ERR_IPC_FILE_EXISTS` or `ERR_IPC_FILE`. */
export interface FilePlatform {
  /** Maps a file that is there: whole, or its first `sizeBytes`. */
  open(path: string, sizeBytes?: number): FileMapping;
  /** Makes a file of zeroes, private to the user and with room on the disk for all of it, and maps it. */
  create(path: string, sizeBytes: number): FileMapping;
  /** As {@link create}, without a name in any folder: it vanishes with its last user, however that ended. */
  createTemporary(sizeBytes: number): FileMapping;
  /** Opens a file to lock it, and makes it, empty and private to the user, if it is not there. Returns its descriptor. */
  openToLock(path: string): number;
  /** As {@link openToLock}, a file in no folder, that vanishes with its last user; others open it by the path that is returned with it. */
  openTemporaryToLock(): { readonly descriptor: number; readonly path: string };
  /**
   * Takes the advisory lock of an open file if nobody else has it; never waits. It belongs to what was opened, so two descriptors that were opened
   * apart conflict also within one process, and the kernel frees it with the last of them, however its process ended.
   */
  tryLock(descriptor: number): boolean;
  unlock(descriptor: number): void;
  /** A folder for what need not outlive the system: in memory where there is one, since a disk takes milliseconds to make a directory. */
  volatileFolder(): string;
  /** Renames a file or folder in one step, if nothing is at the new path; false when something is. */
  renameToNew(from: string, to: string): boolean;
}

/** Pipes of the operating system. Descriptors never block, and no process inherits them. */
export interface PipePlatform {
  /** Makes one. `identity` tells it from all others of the machine while anybody has it open. */
  create(): { readonly reader: number; readonly writer: number; readonly identity: number };
  /** Opens a pipe that this process or one of those has open; undefined when none has. */
  open(identity: number, pids: Iterable<number>, writes: boolean): number | undefined;
  /** Reads what there is, at most so many bytes; returns how many. 0: there is nothing, and no writer; undefined: there is nothing yet. */
  read(descriptor: number, target: Uint8Array, mostBytes: number): number | undefined;
  /** Writes the bytes from there on, or as many as there is room for; returns how many. 0: there is no reader; undefined: no room yet. */
  write(descriptor: number, bytes: Uint8Array, from: number): number | undefined;
  /** Sleeps until the pipe can be read or written, nobody has its other end, or the time is over; false then. */
  wait(descriptor: number, writes: boolean, timeoutMs: number): boolean;
}

/** What signals do to this process. */
export interface SignalPlatform {
  /** From now on this one ends the process, also if its code listens to it; until what is returned is called. */
  endBy(signal: NodeJS.Signals): () => void;
}

export interface Platform {
  readonly name: string;
  readonly files: FilePlatform;
  readonly pipes: PipePlatform;
  readonly signals: SignalPlatform;
  readonly pageSizeBytes: number;
  /** How many processors this process may run on. */
  readonly cores: number;

  /** Makes nameless shared memory, zeroed, that vanishes with its last user; returns its descriptor. */
  createSegment(sizeBytes: number): number;
  /** As {@link createSegment}, but others of the same user can find it by name as long as a process holds it. Undefined: the name is taken. */
  createNamedSegment(name: string, sizeBytes: number): number | undefined;
  /** Opens what {@link createNamedSegment} made, in whatever process; undefined when there is none. */
  openNamedSegment(name: string): number | undefined;
  /** Takes the name away; who has the segment open keeps it. */
  unlinkNamedSegment(descriptor: number): void;
  /** The size of a segment in bytes. */
  segmentSize(descriptor: number): number;
  /** Maps a segment; the descriptor may be closed afterwards. */
  map(descriptor: number, sizeBytes: number): Mapping;
  /** A mapping that another thread of this process has made and keeps open; closing this view of it does nothing. */
  view(handle: bigint, sizeBytes: number): Mapping;
  /** Makes sure that a range of a segment has memory behind it, so that touching it later cannot fault. False: there is none left. */
  commit(descriptor: number, byteOffset: number, sizeBytes: number): boolean;
  /** Gives the memory behind a range back; it reads as zeroes afterwards and must be committed before it is used again. False: it cannot. */
  decommit(descriptor: number, byteOffset: number, sizeBytes: number): boolean;

  /** Sleeps while the 32-bit cell holds `expected`, until woken or for at most `timeoutMs`. May wake for no reason. */
  wait(mapping: Mapping, byteOffset: number, expected: number, timeoutMs: number): WaitOutcome;
  /** As {@link wait}, on a thread of its own: the event loop goes on. At most one at a time a process. */
  waitAsync(mapping: Mapping, byteOffset: number, expected: number, timeoutMs: number): Promise<WaitOutcome>;
  /** Lets others that want it have the processor for a while; returns at once when nobody does. */
  yieldProcessor(): void;
  /** Wakes up to `count` sleepers on a cell, in whatever process; returns how many where the system tells. */
  wake(mapping: Mapping, byteOffset: number, count: number): number;

  /** Who a living process is; undefined when it has ended, reaped or not. */
  identify(pid: number): ProcessIdentity | undefined;
  /** What tells this process's pids from those of containers with pids of their own: nobody can be asked about those. */
  processNamespace(): string;
  /** What the system calls the calling thread. */
  threadId(): number;
  /** As {@link identify}, for a thread of a process. */
  identifyThread(pid: number, threadId: number): ProcessIdentity | undefined;
  /** How long a thread of a process has had the processor, in milliseconds; undefined when it has ended. */
  threadCpuMs(pid: number, threadId: number): number | undefined;
  /** Has everything run in `guard` in the middle of which a thread must not be stopped: that would be the end of its process. */
  guardBinding(guard: Guard): void;
  /** Keeps this process on the first of its processors, so that others that are kept there too hand over without waking an idle one. */
  stayOnOneProcessor(): void;
  /** Asks the kernel to kill this process when its parent ends; false when the parent is no longer the one expected. */
  dieWithParent(parentPid: number): boolean;
}
