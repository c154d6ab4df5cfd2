import { IpcError } from '../core/errors.ts';
import { natural } from '../core/natural.ts';
import { Manager, ManagerClients, SERVE } from '../manager/manager.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import type { Primitive } from '../primitives/primitive.ts';
import { ringSupervisor } from '../process/child-runtime.ts';
import type { FunctionReference, FunctionResolver } from '../process/function-reference.ts';
import { Process } from '../process/process.ts';
import { Maker } from './maker.ts';
import { snapshot, typeCodeOf } from './snapshot.ts';

/** So many processes are kept after their end, so that messages can name them; beyond that their slots are needed for others. */
const MOST_KEPT = 256;
/** How long a daemon has to end when the lab closes. */
const DAEMON_GRACE_MS = 300;

/** What a child process can run: a function that the scenario's module exports, or the module and name of one. */
export type Target<A extends unknown[]> = ((...args: A) => unknown) | FunctionReference;

/** Something shared, as it was when it was made and as it is at the end. */
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
  /** Primitives that were not closed. */
  readonly objects: readonly string[];
  /** Bytes of the arena in use. */
  readonly usedBytes: number;
}

/**
 * The one door to everything shared: makes primitives and processes, and ends what is left of them when the run ends. A scenario's `run`
 * gets one; it makes nothing more once `run` has returned.
 */
export class Lab extends Maker {
  readonly #memory: LabMemory;
  readonly #resolver: FunctionResolver;
  readonly #ringSupervisor: () => void;
  #processes: Process[] = [];
  readonly #shared: { readonly primitive: Primitive; readonly before: unknown }[] = [];
  readonly #names = new Map<string, number>();
  readonly #clients: ManagerClients;
  readonly #managers: Manager[] = [];
  #closed = false;

  /** @internal */
  constructor(memory: LabMemory, resolver: FunctionResolver, ring: () => void = ringSupervisor) {
    super();
    this.#memory = memory;
    this.#resolver = resolver;
    this.#ringSupervisor = ring;
    this.#clients = ManagerClients.register(memory);
  }

  /** Starts a manager: a process that owns objects for all others, and ends with the lab. */
  manager(): Manager {
    const own = (proxy: Primitive): void => void this.own(proxy);
    const manager = new Manager(this.open(), this.#clients, own, (requests) => {
      const server = this.process(SERVE, requests);
      server.name = this.#uniqueName('manager');
      server.daemon = true;
      this.#start(server);
      return server;
    });
    this.#managers.push(manager);
    return manager;
  }

  /**
   * Makes a process that will call `target` with `args`; it runs once it is started. The arguments are anything the structured clone takes
   * and any primitive, at any depth.
   * @throws IpcError `ERR_IPC_NOT_EXPORTED`
   */
  process<A extends unknown[]>(target: Target<A>, ...args: A): Process {
    this.open();
    if (this.#processes.length >= MOST_KEPT) this.#processes = this.#processes.filter((each) => !each.releaseSlot());
    const reference = this.#resolver.reference(target);
    const made = new Process(
      this.#memory,
      this.#uniqueName(reference.name),
      { ...reference, args },
      this.#ringSupervisor,
    );
    this.#processes.push(made);
    return made;
  }

  /** How another process finds a function. @throws IpcError `ERR_IPC_NOT_EXPORTED` @internal */
  reference(target: unknown): FunctionReference {
    return this.#resolver.reference(target);
  }

  /** Makes and starts a process. @throws IpcError as {@link process} and {@link Process.start} */
  start<A extends unknown[]>(target: Target<A>, ...args: A): Process {
    const made = this.process(target, ...args);
    this.#start(made);
    return made;
  }

  /** Starts `count` processes, at most 1,000, that all call `target` with the same `args`. */
  startMany<A extends unknown[]>(count: number, target: Target<A>, ...args: A): Process[] {
    natural('the number of processes', count, 0, 1000);
    return Array.from({ length: count }, () => this.start(target, ...args));
  }

  /**
   * Blocks until all of them have ended. Returns false when `timeoutMs` passed first.
   * @throws IpcError `ERR_IPC_CHILD_FAILED` when one of them failed; {@link Process.join} only waits
   */
  join(processes: Process | readonly Process[], timeoutMs?: number): boolean {
    const started = this.#memory.nowMs();
    const all = processes instanceof Process ? [processes] : processes;
    for (const process of all) {
      const left = timeoutMs === undefined ? undefined : Math.max(0, timeoutMs - (this.#memory.nowMs() - started));
      if (!process.join(left)) return false;
    }
    refuseFailed(all);
    return true;
  }

  /** The processes that this process has made and that have not ended. */
  activeChildren(): Process[] {
    return this.#processes.filter((process) => process.isAlive);
  }

  /** Milliseconds since the lab began; the same clock in all its processes. */
  now(): number {
    return this.#memory.nowMs();
  }

  /** What has not been closed or has not ended yet. */
  audit(): Audit {
    return {
      processes: this.activeChildren().map((process) => process.name),
      objects: this.#shared
        .map(({ primitive }) => primitive)
        .filter((primitive) => !primitive.closed)
        .map((primitive) => primitive.name),
      usedBytes: this.#memory.arena.usedBytes(),
    };
  }

  /**
   * Waits for the processes that are not daemons, ends the others, and returns what was shared. Nothing can be made afterwards. Idempotent.
   * @throws IpcError `ERR_IPC_CHILD_FAILED` when a process failed that nobody joined
   * @internal
   */
  async close(): Promise<SharedRecord[]> {
    this.#closed = true;
    const active = this.activeChildren();
    const [daemons, others] = [active.filter(({ daemon }) => daemon), active.filter(({ daemon }) => !daemon)];
    await Promise.all(others.map((process) => process.joinAsync()));
    refuseFailed(others);
    const shared = this.#shared
      .filter(({ primitive }) => !primitive.closed)
      .map(({ primitive, before }) => ({
        name: primitive.name,
        kind: primitive.kind,
        code: typeCodeOf(primitive),
        before,
        after: snapshot(primitive),
      }));
    for (const manager of this.#managers) manager.shutdown();
    await Promise.all(daemons.map(endDaemon));
    return shared;
  }

  #start(process: Process): void {
    try {
      process.start();
    } catch (error) {
      this.#processes.splice(this.#processes.indexOf(process), 1);
      throw error;
    }
  }

  /** @internal */
  protected override own<T extends Primitive>(primitive: T): T {
    this.#shared.push({ primitive, before: snapshot(primitive) });
    return primitive;
  }

  /** @internal */
  protected override open(): LabMemory {
    if (this.#closed)
      throw new IpcError('ERR_IPC_CLOSED', 'the lab is closed', { hint: 'Make what is shared while run() runs.' });
    return this.#memory;
  }

  #uniqueName(name: string): string {
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    return `${name}-${count}`;
  }
}

/** Asks it to end, and makes it if it will not. */
async function endDaemon(process: Process): Promise<void> {
  process.terminate();
  if (await process.joinAsync({ timeoutMs: DAEMON_GRACE_MS })) return;
  process.kill();
  await process.joinAsync();
}

function refuseFailed(processes: readonly Process[]): void {
  const failed = processes.filter((process) => process.failed);
  const first = failed[0];
  if (first === undefined) return;
  const others = failed.length > 1 ? ` (and ${failed.length - 1} more failed)` : '';
  throw new IpcError('ERR_IPC_CHILD_FAILED', `${first.name} (pid ${first.pid}) ${howItEnded(first)}${others}`, {
    hint: 'lab.join() refuses a process that failed; process.join() only waits for its end.',
  });
}

function howItEnded(process: Process): string {
  return process.signal === undefined ? `exited with code ${process.exitCode}` : `was ended by ${process.signal}`;
}
