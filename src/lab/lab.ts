import { IpcError } from '../core/errors.ts';
import { natural } from '../core/natural.ts';
import { Manager, ManagerClients, SERVE } from '../manager/manager.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { HEADER } from '../memory/layout.ts';
import { SHARED_OBJECT, type SharedObject } from '../memory/shared-object.ts';
import type { Waitable } from '../memory/waitable.ts';
import type { AsyncWaitOptions } from '../memory/waiting.ts';
import { KIND, type Primitive } from '../primitives/primitive.ts';
import { ringSupervisor } from '../process/child-runtime.ts';
import type { FunctionReference, FunctionResolver } from '../process/function-reference.ts';
import { Process } from '../process/process.ts';
import { type Itself, type ParentProcess, parentOf, itself } from '../process/relatives.ts';
import { Thread } from '../process/thread.ts';
import { Crew } from './crew.ts';
import { Maker } from './maker.ts';
import { ThreadLocal } from './thread-local.ts';
import { waitForAny, waitForAnyAsync } from './wait.ts';

/** What a child process can run: a function that the scenario's module exports, or the module and name of one. */
export type Target<A extends unknown[]> = ((...args: A) => unknown) | FunctionReference;

/** Something shared, as it was when it was made and as it is at the end: a row of the table that a run prints. */
export interface SharedRecord {
  readonly name: string;
  readonly kind: string;
  readonly code: string | undefined;
  readonly before: unknown;
  readonly after: unknown;
}

/** What a lab still held when it was looked at. */
export interface Audit {
  /** Processes that have not ended. */
  readonly processes: readonly string[];
  /** Threads that have not ended. */
  readonly threads: readonly string[];
  /** Primitives that were not closed. */
  readonly objects: readonly string[];
  /** Bytes of the arena in use. */
  readonly usedBytes: number;
}

interface LabOptions {
  /** Makes the supervisor look at the slot table. */
  readonly ring?: () => void;
  /** This process's connections to managers. */
  readonly clients?: ManagerClients;
  /** Where the lab lies that this process was handed; without it a new one is made. */
  readonly offset?: number;
}

/**
 * The one door to everything shared: makes primitives and processes, and ends what is left of them when the run ends. A scenario's `run`
 * gets one; it makes nothing more once `run` has returned. Handed to a child, it becomes a lab of the child's own: that has its own processes
 * and threads, finds functions in the child's module, and ends with the function that the child runs.
 */
export class Lab extends Maker implements SharedObject {
  /** @internal */
  readonly [SHARED_OBJECT]: number;
  /** The process that started this one; undefined in the main process. */
  readonly parentProcess: ParentProcess | undefined;
  readonly #memory: LabMemory;
  readonly #resolver: FunctionResolver;
  readonly #crew: Crew;
  readonly #shared: { readonly primitive: Primitive; readonly before: unknown }[] = [];
  readonly #clients: ManagerClients;
  readonly #managers: Manager[] = [];
  #closed = false;

  /** @internal */
  constructor(memory: LabMemory, resolver: FunctionResolver, options: LabOptions = {}) {
    super();
    const { ring = ringSupervisor, clients = ManagerClients.register(memory) } = options;
    this.#memory = memory;
    this.#resolver = resolver;
    this.#crew = new Crew(memory, resolver, ring);
    this.#clients = clients;
    ThreadLocal.register(memory, resolver);
    this.parentProcess = parentOf(memory);
    let { offset = 0 } = options;
    if (offset === 0) {
      memory.objects.create(KIND.lab, 0, undefined, (made) => {
        offset = made;
        return this;
      });
      // Not one of those that are numbered in it: the first primitive is number 1.
      memory.cells.add(HEADER.ordinal, -1);
    }
    this[SHARED_OBJECT] = offset;
  }

  /** This process, or the process that this thread belongs to. */
  get currentProcess(): Itself {
    return itself(this.#memory, this.#memory.process);
  }

  /** This thread; undefined where no thread was started: that is the process itself. */
  get currentThread(): Itself | undefined {
    const { self, process } = this.#memory;
    return self === process ? undefined : itself(this.#memory, self);
  }

  /** Starts a manager: a process that owns objects for all others, and ends with the lab. @throws IpcError as {@link start} */
  manager(): Manager {
    const own = (proxy: Primitive): void => void this.own(proxy);
    const manager = new Manager(this.open(), this.#clients, own, (requests) => {
      const server = this.process(SERVE, requests);
      server.name = this.#crew.uniqueName('manager');
      server.daemon = true;
      return this.#crew.start(server);
    });
    this.#managers.push(manager);
    return manager;
  }

  /**
   * Makes a process that will call `target` with `args`; it runs once it is started. The arguments are anything the structured clone takes,
   * any primitive, and this lab (the process gets a lab of its own), at any depth.
   * @throws IpcError `ERR_IPC_NOT_EXPORTED`
   */
  process<A extends unknown[]>(target: Target<A>, ...args: A): Process {
    this.open();
    return this.#crew.process(target, args);
  }

  /** Makes and starts a process. @throws IpcError as {@link process} and {@link Process.start} */
  start<A extends unknown[]>(target: Target<A>, ...args: A): Process {
    return this.#crew.start(this.process(target, ...args));
  }

  /** Starts `count` processes, at most 1,000, that all call `target` with the same `args`. */
  startMany<A extends unknown[]>(count: number, target: Target<A>, ...args: A): Process[] {
    natural('the number of processes', count, 0, 1000);
    return Array.from({ length: count }, () => this.start(target, ...args));
  }

  /** As {@link process}, on a worker thread of this process: the module is imported anew there too, and arguments travel in the same way. */
  thread<A extends unknown[]>(target: Target<A>, ...args: A): Thread {
    this.open();
    return this.#crew.thread(target, args);
  }

  /** Makes and starts a thread. @throws IpcError as {@link thread} and {@link Thread.start} */
  startThread<A extends unknown[]>(target: Target<A>, ...args: A): Thread {
    return this.#crew.start(this.thread(target, ...args));
  }

  /** Starts `count` threads, at most 1,000, that all call `target` with the same `args`. */
  startThreads<A extends unknown[]>(count: number, target: Target<A>, ...args: A): Thread[] {
    natural('the number of threads', count, 0, 1000);
    return Array.from({ length: count }, () => this.startThread(target, ...args));
  }

  /**
   * Makes a value of which each thread and process has its own: in each it is what the exported function `initial` returns there, called with
   * copies of `args`, plain data, when the value is first asked for.
   * @throws IpcError `ERR_IPC_NOT_EXPORTED`, `ERR_IPC_NOT_CLONEABLE`
   */
  threadLocal<A extends unknown[], T>(initial: (...args: A) => T, ...args: A): ThreadLocal<T> {
    return this.own(ThreadLocal.create<T>(this.open(), this.#resolver, initial, args));
  }

  /** How another process finds a function. @throws IpcError `ERR_IPC_NOT_EXPORTED` @internal */
  reference(target: unknown): FunctionReference {
    return this.#resolver.reference(target);
  }

  /**
   * Blocks until all of them have ended. Returns false when `timeoutMs` passed first.
   * @throws IpcError `ERR_IPC_CHILD_FAILED` when one of them failed; their own `join` only waits
   */
  join(started: Process | Thread | readonly (Process | Thread)[], timeoutMs?: number): boolean {
    return this.#crew.join(Array.isArray(started) ? started : [started as Process | Thread], timeoutMs);
  }

  /**
   * Blocks until at least one of them is ready, and returns those that are: a connection or queue when there is something to take or its end
   * has come, the sentinel of a process or thread when it has ended. Returns none when `timeoutMs` passed first; a negative time is none.
   * @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for what cannot be waited for, and for none at all without a time
   */
  wait<W extends Waitable>(waitables: readonly W[], timeoutMs?: number): W[] {
    return waitForAny(this.#memory, waitables, timeoutMs);
  }

  /** As {@link wait}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  waitAsync<W extends Waitable>(waitables: readonly W[], options?: AsyncWaitOptions): Promise<W[]> {
    return waitForAnyAsync(this.#memory, waitables, options);
  }

  /** The processes that this lab has made and that have not ended. */
  activeChildren(): Process[] {
    return this.#crew.active().filter((member) => member instanceof Process);
  }

  /** The threads that this lab has made and that have not ended. */
  activeThreads(): Thread[] {
    return this.#crew.active().filter((member) => member instanceof Thread);
  }

  /** Milliseconds since the lab began; the same clock in all its processes. */
  now(): number {
    return this.#memory.nowMs();
  }

  /** What has not been closed or has not ended yet. */
  audit(): Audit {
    return {
      processes: this.activeChildren().map(({ name }) => name),
      threads: this.activeThreads().map(({ name }) => name),
      objects: this.#open().map(({ primitive }) => primitive.name),
      usedBytes: this.#memory.arena.usedBytes(),
    };
  }

  /**
   * Waits for the processes and threads that are not daemons, ends the others, and returns what was shared. Nothing can be made afterwards.
   * Idempotent.
   * @throws IpcError `ERR_IPC_CHILD_FAILED` when one failed that nobody joined
   * @internal
   */
  async close(): Promise<SharedRecord[]> {
    this.#closed = true;
    await this.#crew.joinOthers();
    const shared = this.#open().map(({ primitive, before }) => ({
      name: primitive.name,
      kind: primitive.kind,
      code: 'code' in primitive ? String(primitive.code) : undefined,
      before,
      after: primitive.shownContents(),
    }));
    for (const manager of this.#managers) manager.shutdown();
    await this.#crew.endDaemons();
    return shared;
  }

  /** As {@link close}, at the end of a child: nobody asks what it shared, and what it has made is given up. @internal */
  async leave(): Promise<void> {
    this.#closed = true;
    await this.#crew.joinOthers();
    for (const manager of this.#managers) manager.shutdown();
    await this.#crew.endDaemons();
    for (const { primitive } of this.#open()) primitive.close();
  }

  /** @internal */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#memory.objects.close(this[SHARED_OBJECT]);
  }

  #open(): readonly { readonly primitive: Primitive; readonly before: unknown }[] {
    return this.#shared.filter(({ primitive }) => !primitive.closed);
  }

  /** @internal */
  protected override own<T extends Primitive>(primitive: T): T {
    this.#shared.push({ primitive, before: primitive.shownContents() });
    return primitive;
  }

  /** @internal */
  protected override open(): LabMemory {
    if (this.#closed)
      throw new IpcError('ERR_IPC_CLOSED', 'the lab is closed', { hint: 'Make what is shared while run() runs.' });
    return this.#memory;
  }
}
