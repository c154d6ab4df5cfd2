import os from 'node:os';
import { IpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SLOT_STATE, type WaitVerb } from '../memory/slot-layout.ts';
import type { AsyncWaitOptions, Condition } from '../memory/waiting.ts';
import type { FunctionReference } from './function-reference.ts';

/** What a child process is told to do. */
export interface Task extends FunctionReference {
  readonly args: readonly unknown[];
}

interface Ending {
  readonly exitCode: number | undefined;
  readonly signal: number;
}

/**
 * A process of the lab, as its parent holds it: named and set up first, then started once, joined as often as one likes.
 *
 * The operating system's parent of all of them is the supervisor, which spawns and reaps on request (as Python's fork server does): so a
 * process can start others while it is blocked or on a worker thread, and an exit is noticed although the parent's event loop stands still.
 */
export class Process {
  /** What people call it; may be changed until it is started. */
  name: string;
  /** A daemon is terminated when the lab closes instead of being waited for; may be changed until it is started. */
  daemon = false;
  readonly #memory: LabMemory;
  readonly #task: Task;
  readonly #ringSupervisor: () => void;
  #slot: number | undefined;
  #pid: number | undefined;
  #ending: Ending | undefined;
  #endedOnPurpose = false;

  /** @internal */
  constructor(memory: LabMemory, name: string, task: Task, ringSupervisor: () => void) {
    this.#memory = memory;
    this.name = name;
    this.#task = task;
    this.#ringSupervisor = ringSupervisor;
  }

  /** Its process id; undefined before it is started. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** Its slot in the lab; undefined before it is started. @internal */
  get slot(): number | undefined {
    return this.#slot;
  }

  /** As in Python: undefined while it has not ended, its exit code, or minus the number of the signal that ended it. */
  get exitCode(): number | undefined {
    const ending = this.#look();
    return ending === undefined ? undefined : (ending.exitCode ?? -ending.signal);
  }

  /** Name of the signal that ended it, as in `'SIGKILL'`; undefined when it has not ended or has exited. */
  get signal(): NodeJS.Signals | undefined {
    const number = this.#look()?.signal;
    return number === undefined || number === 0 ? undefined : signalName(number);
  }

  /** Whether it was started and has not ended. */
  get isAlive(): boolean {
    return this.#slot !== undefined && this.#look() === undefined;
  }

  /** Whether it ended in a way nobody asked for: an exit code other than 0, or a signal that did not come from {@link terminate} or {@link kill}. */
  get failed(): boolean {
    const ending = this.#look();
    return ending !== undefined && ending.exitCode !== 0 && !this.#endedOnPurpose;
  }

  /**
   * Starts it; returns when the operating system has.
   * @throws IpcError `ERR_IPC_ALREADY_STARTED`, `ERR_IPC_INVALID_ARGUMENT` for its name, `ERR_IPC_NOT_CLONEABLE`, `ERR_IPC_SPAWN_FAILED`,
   * `ERR_IPC_TOO_MANY_PROCESSES`
   */
  start(): this {
    if (this.#slot !== undefined) {
      throw new IpcError('ERR_IPC_ALREADY_STARTED', `${this.name} was started already`, {
        hint: 'A process runs once. Make another.',
      });
    }
    if (typeof this.name !== 'string' || this.name === '' || /\p{Cc}/u.test(this.name)) {
      throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `a process cannot be called ${JSON.stringify(this.name)}`, {
        hint: 'A name has at least one character and no control characters.',
      });
    }
    const { slots, self, waiter } = this.#memory;
    const { module, name, args } = this.#task;
    const blob = this.#memory.put([module, name, args], (path) => argumentLabel(name, path));
    const slot = slots.claim(this.name, self, this.daemon);
    slots.setArgs(slot, blob);
    slots.setTime(slot, 'requestedAt', this.#memory.nowMs());
    this.#slot = slot;
    slots.advance(slot, SLOT_STATE.requested);
    this.#ringSupervisor();
    waiter.block(this.#reaches('start', slot, SLOT_STATE.spawned));
    this.#pid = slots.pid(slot);
    if (this.#pid === 0) {
      throw new IpcError(
        'ERR_IPC_SPAWN_FAILED',
        `the operating system did not start ${this.name}: ${String(this.#memory.take(slots.error(slot)))}`,
      );
    }
    return this;
  }

  /** Blocks until it has ended. Returns false when `timeoutMs` passed first. @throws IpcError `ERR_IPC_NOT_STARTED` */
  join(timeoutMs?: number): boolean {
    const slot = this.#started('joined');
    return (
      this.#ending !== undefined ||
      this.#memory.waiter.block(this.#reaches('join', slot, SLOT_STATE.ended), timeoutMs) === true
    );
  }

  /** As {@link join}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async joinAsync(options?: AsyncWaitOptions): Promise<boolean> {
    const slot = this.#started('joined');
    return (
      this.#ending !== undefined ||
      (await this.#memory.waiter.blockAsync(this.#reaches('join', slot, SLOT_STATE.ended), options)) === true
    );
  }

  /** Asks it to end (SIGTERM); does nothing when it has ended. @throws IpcError `ERR_IPC_NOT_STARTED` */
  terminate(): void {
    this.#send('SIGTERM');
  }

  /** Ends it (SIGKILL); does nothing when it has ended. @throws IpcError `ERR_IPC_NOT_STARTED` */
  kill(): void {
    this.#send('SIGKILL');
  }

  /** Gives its slot back if it has ended; true when it has. @internal */
  releaseSlot(): boolean {
    if (this.#slot === undefined || this.#look() === undefined) return false;
    this.#memory.slots.release(this.#slot);
    return true;
  }

  #send(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#started('ended');
    if (this.#look() !== undefined || this.#pid === undefined) return;
    this.#endedOnPurpose = true;
    try {
      process.kill(this.#pid, signal);
    } catch {
      // It ended between our look and the signal.
    }
  }

  #started(verb: string): number {
    if (this.#slot !== undefined) return this.#slot;
    throw new IpcError('ERR_IPC_NOT_STARTED', `${this.name} cannot be ${verb}: it was never started`, {
      hint: 'Call start() first.',
    });
  }

  #look(): Ending | undefined {
    const { slots } = this.#memory;
    if (this.#ending === undefined && this.#slot !== undefined && slots.state(this.#slot) === SLOT_STATE.ended) {
      this.#ending = { exitCode: slots.exitCode(this.#slot), signal: slots.signal(this.#slot) };
    }
    return this.#ending;
  }

  #reaches(verb: WaitVerb, slot: number, state: number): Condition<true> {
    const { slots } = this.#memory;
    const condition = {
      verb,
      target: slot,
      cell: slots.stateCell(slot),
      expected: 0,
      attempt(): true | undefined {
        condition.expected = slots.state(slot);
        return condition.expected >= state ? true : undefined;
      },
      // The supervisor reports every end, and without a supervisor this process has ended too.
      check(): void {},
    };
    return condition;
  }
}

/** Where in the task `[module, name, arguments]` something cannot be cloned, as its author sees it. */
function argumentLabel(name: string, path: string): string {
  const match = /^\[2\]\[(\d+)\](.*)$/s.exec(path);
  if (match === null) return `an argument of ${name}`;
  const [, index, inside] = match;
  return `argument ${Number(index) + 1} of ${name}${inside === '' ? '' : ` (at ${inside})`}`;
}

/** The name of a signal number, as in `'SIGTERM'`. */
function signalName(number: number): NodeJS.Signals {
  const found = Object.entries(os.constants.signals).find(([, value]) => value === number);
  return (found?.[0] ?? 'SIGKILL') as NodeJS.Signals;
}
