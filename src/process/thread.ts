import type { Worker } from 'node:worker_threads';
import { IpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SLOT_STATE } from '../memory/slot-layout.ts';
import { errorRecord } from './child-runtime.ts';
import { Participant, type Task } from './participant.ts';

/** What a thread is given at its start; all else comes through its slot. */
export interface ThreadStart {
  readonly slot: number;
  /** Where its process has mapped the lab's memory. */
  readonly memory: bigint;
}

/** How long a thread may take to load its modules when it is to end; then it is stopped all the same. */
const LOADING_MS = 1000;

const THREAD_SCRIPT = new URL('../lab/thread-main.js', import.meta.url);

/**
 * A worker thread of this process, as the one that made it holds it: it runs a function over the same primitives as a process would, with a
 * slot, a name and locks of its own. It shares with its process the pid, the descriptors, the environment and its end.
 */
export class Thread extends Participant {
  /** @internal */
  protected readonly noun = 'thread';
  readonly #ringSupervisor: () => void;
  #worker: Worker | undefined;
  /** When it was asked to end, of the clock of `performance.now()`; undefined before, and once it was stopped. */
  #askedAt: number | undefined;
  /** Ends the looking after it, once it is to end. */
  #tended: (() => void) | undefined;

  /** @internal */
  constructor(memory: LabMemory, name: string, task: Task, ringSupervisor: () => void) {
    super(memory, name, task);
    this.#ringSupervisor = ringSupervisor;
  }

  /** The process id of its process; undefined before it is started. */
  get pid(): number | undefined {
    return this.slot === undefined ? undefined : process.pid;
  }

  /**
   * Stops it, wherever it is: no `finally` block and no handler of it runs any more, and what it holds is as after a kill. One that still loads
   * its module ends when it has, or after a second. It counts as ended by SIGTERM. Does nothing when it has ended. (A file that it was just
   * opening asynchronously stays open: Node loses it.) @throws IpcError `ERR_IPC_NOT_STARTED`
   */
  terminate(): void {
    if (!this.endsOnPurpose() || this.slot === undefined) return;
    const { slot } = this;
    if (this.memory.threads.ask(slot)) {
      this.#askedAt = performance.now();
      setTimeout(() => this.#insist(), LOADING_MS).unref();
    } else {
      this.#stop(slot);
    }
    // Also while this thread is blocked, be it in a wait for something that the other has: who is to end must be seen to.
    this.#tended ??= this.memory.waiter.tend(() => this.look(slot, true));
  }

  /** The same as {@link terminate}: a thread cannot refuse to end, and no signal is for one thread only. @throws IpcError `ERR_IPC_NOT_STARTED` */
  kill(): void {
    this.terminate();
  }

  /** @internal */
  protected launch(slot: number): void {
    const { memory } = this;
    const data: ThreadStart = { slot, memory: memory.segment.mapping.handle };
    memory.threads.made(slot, memory.process, memory.nowMs());
    this.#ringSupervisor();
    try {
      this.#worker = startWorker(data, this.name);
    } catch (error) {
      memory.threads.stop(slot);
      this.#announce(slot);
      throw new IpcError('ERR_IPC_SPAWN_FAILED', `the operating system did not start ${this.name}: ${String(error)}`, {
        cause: error,
      });
    }
    if (this.daemon) this.#worker.unref();
    // What it could not catch itself, such as that it has no memory left.
    this.#worker.on('error', (error) => {
      if (memory.slots.error(slot) === 0)
        memory.slots.setError(slot, memory.put(errorRecord(error), `the error of ${this.name}`));
    });
    this.#worker.once('exit', () => this.#vanished(slot));
  }

  /** @internal */
  protected override mayRelease(slot: number): boolean {
    return this.memory.threads.isNoted(slot);
  }

  /** @internal */
  protected override look(slot: number, thorough: boolean): void {
    if (!thorough) return;
    this.#insist();
    if (!this.memory.slots.isAlive(slot)) this.#vanished(slot);
    if (this.memory.slots.state(slot) === SLOT_STATE.ended) this.#tended?.();
  }

  /** Stops it if it was asked to end and takes too long. */
  #insist(): void {
    if (this.#askedAt === undefined || this.slot === undefined) return;
    if (performance.now() - this.#askedAt >= LOADING_MS) this.#stop(this.slot);
  }

  #stop(slot: number): void {
    this.#askedAt = undefined;
    const { threads, slots } = this.memory;
    if (slots.state(slot) === SLOT_STATE.ended) return;
    const neverRan = threads.stop(slot);
    // At once, not when our event loop next turns. In a sleep it ends when that does.
    void this.#worker?.terminate();
    if (neverRan) this.#announce(slot);
    else slots.wakeSleeper(slot);
  }

  #vanished(slot: number): void {
    if (this.memory.slots.state(slot) === SLOT_STATE.ended) return;
    this.memory.threads.vanished(slot);
    this.#announce(slot);
  }

  #announce(slot: number): void {
    this.memory.announceEnd(slot);
    this.#ringSupervisor();
  }
}

/** Loaded when the first thread is started: every process would pay for it. */
function startWorker(workerData: ThreadStart, name: string): Worker {
  const threads = process.getBuiltinModule('node:worker_threads');
  return new threads.Worker(THREAD_SCRIPT, { workerData, name });
}
