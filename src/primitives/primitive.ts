import type { Cells } from '../memory/cells.ts';
import { closedCells } from '../memory/closed-cells.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { OBJECT_HEADER_BYTES } from '../memory/objects.ts';
import { SHARED_OBJECT, type SharedObject } from '../memory/shared-object.ts';

/** What `console.log` calls. @internal */
export const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** The kinds of shared objects, as they stand in shared memory. Never renumber. */
export const KIND = {
  lock: 1,
  rLock: 2,
  rawValue: 3,
  rawArray: 4,
  sharedValue: 5,
  sharedArray: 6,
  queue: 7,
  dict: 8,
  semaphore: 9,
  condition: 10,
  event: 11,
  barrier: 12,
  rwLock: 13,
  spinLock: 14,
  ticketLock: 15,
  fileLock: 16,
  directoryLock: 17,
  struct: 18,
  sharedMemory: 19,
  mappedFile: 20,
  shareableList: 21,
  joinableQueue: 22,
  simpleQueue: 23,
  connection: 24,
  osPipe: 25,
  boundedSemaphore: 26,
  lifoQueue: 27,
  priorityQueue: 28,
  lab: 29,
  threadLocal: 30,
  pipeLink: 31,
  osPipeLink: 32,
} as const;

export interface PrimitiveOptions {
  /** What people call it in tables and messages; without it, its kind and a number. */
  readonly name?: string | undefined;
}

/** First cell of a primitive's own, after the header that all shared objects have. */
export function bodyCell(offset: number): number {
  return (offset + OBJECT_HEADER_BYTES) / 4;
}

/**
 * What all primitives have in common: a place in shared memory, a name, and an end.
 * `cells` is a plain field, not a private one, because the classes derived from this one live in other files and read it on every access.
 */
export abstract class Primitive implements SharedObject, Disposable {
  readonly [SHARED_OBJECT]: number;
  /** @internal */
  protected readonly memory: LabMemory;
  /** @internal */
  protected cells: Cells;
  /** Set when it is closed, because its memory may then be another's. */
  #lastName: string | undefined;

  constructor(memory: LabMemory, offset: number) {
    this.memory = memory;
    this.cells = memory.cells;
    this[SHARED_OBJECT] = offset;
  }

  /** The lab's memory, for those parts of ipc-lab that have nothing but a primitive of it. @internal */
  static memoryOf(primitive: Primitive): LabMemory {
    return primitive.memory;
  }

  /** What it is, as in `RawValue`. */
  abstract readonly kind: string;

  /** The name it was given, else its kind and a number that is unique in its lab. */
  get name(): string {
    if (this.#lastName !== undefined) return this.#lastName;
    const { objects } = this.memory;
    return objects.name(this[SHARED_OBJECT]) ?? `${this.kind} ${objects.ordinal(this[SHARED_OBJECT])}`;
  }

  /** Whether {@link close} was called on it in this process. */
  get closed(): boolean {
    return this.#lastName !== undefined;
  }

  /** What it holds, as far as that can be told without waiting: a lock's owner may be dead. Undefined when there is nothing to tell. @internal */
  shownContents(): unknown {
    return undefined;
  }

  /** What people see of it in a text, on the console and in JSON: what it is called, and what it holds. Takes no lock that its user holds. */
  toString(): string {
    return this.closed ? `${this.kind} ${JSON.stringify(this.name)} (closed)` : this.shownText();
  }

  toJSON(): unknown {
    return this.toString();
  }

  /** @internal */
  [INSPECT](): unknown {
    return this.toString();
  }

  /** What {@link toString} says while it is open. @internal */
  protected shownText(): string {
    const isNamed = this.memory.objects.name(this[SHARED_OBJECT]) !== undefined;
    const label = isNamed ? `${this.kind} ${JSON.stringify(this.name)}` : this.name;
    const contents = this.shownContents();
    return contents === undefined ? label : `${label} (${textOf(contents)})`;
  }

  /** Ends this process's use of it; any use afterwards throws `ERR_IPC_CLOSED`. Its memory is freed when nobody uses it any more. Idempotent. */
  close(): void {
    if (this.closed) return;
    const name = this.name;
    this.#lastName = name;
    this.memory.objects.close(this[SHARED_OBJECT]);
    this.cells = closedCells(`${this.kind} ${JSON.stringify(name)}`);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function textOf(contents: unknown): string {
  return typeof contents === 'string' ? contents : JSON.stringify(contents);
}
