import type { Worker } from 'node:worker_threads';
import { IpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SLOT_STATE } from '../memory/slot-layout.ts';
import { errorRecord, shielded } from './child-runtime.ts';
import { LoadingLimit } from './loading-limit.ts';
import { Participant, type Task } from './participant.ts';

/** What a thread is given at its start; all else comes through its slot. */
export interface ThreadStart {
  readonly slot: number;
  /** Where its process has mapped the lab's memory. */
  readonly memory: bigint;
}

/** So often a thread that is to end when it has loaded its module is looked after. */
const LOOK_MS = 100;
/** So long the end of a thread or process waits for the threads that it would take along: for one that loads its module, and for one in its shield. */
const LOADING_MS = 1000;
const SHIELD_MS = 10_000;
const PAUSE_MS = 2;

const THREAD_SCRIPT = new URL('../start/thread.js', import.meta.url);

/**
 * A worker thread of this process, as the one that made it holds it: it runs a function over the same primitives as a process would, with a
 * slot, a name and locks of its own. It shares with its process the pid, the descriptors, the environment and its end.
 */
export class Thread extends Participant {
  /** @internal */
  protected readonly noun = 'thread';
  readonly #ringSupervisor: () => void;
  #worker: Worker | undefined;
  /** Until when it may go on loading its module, once it is to end. */
  #limit: LoadingLimit | undefined;
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
   * its module ends when it has, and is stopped only when that seems to have no end. It counts as ended by SIGTERM. Does nothing when it has
   * ended. (A file that it was just opening asynchronously stays open: Node loses it.) @throws IpcError `ERR_IPC_NOT_STARTED`
   */
  terminate(): void {
    if (!this.endsOnPurpose() || this.slot === undefined) return;
    const { slot } = this;
    const { threads } = this.memory;
    const how = threads.end(slot);
    if (how === 'when-stopped') this.#stop(slot);
    if (how === 'if-it-can' && this.#limit === undefined) {
      this.#limit = new LoadingLimit(() => threads.cpuMs(slot));
      const timer = setInterval(() => this.#insist(slot) && clearInterval(timer), LOOK_MS).unref();
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
    endBefore(memory);
    try {
      // Were this thread stopped in between, it would take the other along where that must not be stopped.
      this.#worker = shielded(memory, () => startWorker(data, this.name));
    } catch (error) {
      memory.threads.failed(slot);
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
    this.#insist(slot);
    if (!this.memory.slots.isAlive(slot)) this.#vanished(slot);
    if (this.memory.slots.state(slot) === SLOT_STATE.ended) this.#tended?.();
  }

  /** Stops it if it was to end when it has loaded its module, and that seems to have no end. False: it may still take its time. */
  #insist(slot: number): boolean {
    if (this.memory.slots.state(slot) === SLOT_STATE.ended) this.#limit = undefined;
    if (this.#limit?.isPassed() === true) this.#stop(slot);
    return this.#limit === undefined;
  }

  #stop(slot: number): void {
    this.#limit = undefined;
    const { memory } = this;
    if (memory.slots.state(slot) === SLOT_STATE.ended) return;
    endBelow(memory, slot, LOADING_MS);
    // At once, not when our event loop next turns. In a sleep it ends when that does.
    void this.#worker?.terminate();
    memory.slots.wakeSleeper(slot);
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

const watched = new WeakSet<LabMemory>();

/** Sees to it that the threads of this process, or those below this thread, end before it does. */
function endBefore(memory: LabMemory): void {
  if (watched.has(memory)) return;
  watched.add(memory);
  process.on('exit', () => endBelow(memory, memory.self, 0));
}

/** Ends all threads that a thread or process is about to take along, and waits for those that must not be stopped yet, or should not. */
function endBelow({ threads, slots }: LabMemory, slot: number, loadingMs: number): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const mostMs = { soon: SHIELD_MS, 'if-it-can': loadingMs, 'when-stopped': 0 };
  for (const began = performance.now(); slots.state(slot) !== SLOT_STATE.ended; Atomics.wait(pause, 0, 0, PAUSE_MS)) {
    const how = threads.endBelow(slot);
    if (how === undefined || performance.now() - began >= mostMs[how]) return;
  }
}
