import { IpcError } from '../core/errors.ts';
import { shown } from '../core/natural.ts';
import { STAYS } from '../memory/codec.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SLOT_STATE, type WaitVerb } from '../memory/slot-layout.ts';
import type { Waitable } from '../memory/waitable.ts';
import type { AsyncWaitOptions, Condition } from '../memory/waiting.ts';
import type { FunctionReference } from './function-reference.ts';
import { reaching } from './reaching.ts';
import { signalName } from './signal-name.ts';

/** What a process or thread is told to do. */
export interface Task extends FunctionReference {
  readonly args: readonly unknown[];
}

interface Ending {
  readonly exitCode: number | undefined;
  readonly signal: number;
  readonly signalName: NodeJS.Signals | undefined;
}

/**
 * A process or a thread of the lab, as the one that made it holds it: named and set up first, then started once, joined as often as one
 * likes.
 */
export abstract class Participant implements Waitable {
  /** @internal */
  protected readonly memory: LabMemory;
  readonly #task: Task;
  #name: string;
  #daemon = false;
  #slot: number | undefined;
  #ending: Ending | undefined;
  #endedOnPurpose = false;
  #closed = false;

  /** @internal */
  constructor(memory: LabMemory, name: string, task: Task) {
    this.memory = memory;
    this.#name = name;
    this.#task = task;
  }

  /** As in `Process`. @internal */
  protected get kind(): string {
    return this.noun === 'thread' ? 'Thread' : 'Process';
  }

  /** What it is, as in `process`. @internal */
  protected abstract readonly noun: string;

  /** The process id, of a thread that of its process; undefined before it is started. */
  abstract readonly pid: number | undefined;

  /** What people call it; may be changed until it is started. @throws IpcError `ERR_IPC_ALREADY_STARTED` after that */
  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    this.#refuseStarted('is called what it was started as');
    this.#name = name;
  }

  /** A daemon is terminated when the lab closes instead of being waited for; may be changed until it is started. */
  get daemon(): boolean {
    return this.#daemon;
  }

  set daemon(daemon: boolean) {
    this.#refuseStarted('cannot become a daemon or cease to be one');
    this.#daemon = daemon;
  }

  /** Its slot in the lab; undefined before it is started. @internal */
  get slot(): number | undefined {
    return this.#slot;
  }

  /** Whether {@link close} was called. @internal */
  get closed(): boolean {
    return this.#closed;
  }

  /** As in Python: undefined while it has not ended, its exit code, or minus the number of the signal that ended it. */
  get exitCode(): number | undefined {
    const ending = this.#look();
    return ending === undefined ? undefined : (ending.exitCode ?? -ending.signal);
  }

  /** Name of the signal that ended it, as in `'SIGKILL'`; undefined when it has not ended or has exited. */
  get signal(): NodeJS.Signals | undefined {
    return this.#look()?.signalName;
  }

  /** Whether it was started and has not ended. */
  get isAlive(): boolean {
    const ended = this.#look() !== undefined;
    return this.#slot !== undefined && !ended;
  }

  /** @internal */
  get [STAYS](): string {
    return `a ${this.kind} is for the process that made it`;
  }

  toString(): string {
    const { kind } = this;
    if (this.#closed) return `${kind} "${this.#name}" (closed)`;
    if (this.#slot === undefined) return `${kind} "${this.#name}" (not started)`;
    const ending = this.#look();
    if (ending === undefined) return `${kind} "${this.#name}" (pid ${this.pid}, running)`;
    return `${kind} "${this.#name}" (ended ${ending.signalName === undefined ? `with ${ending.exitCode}` : `by ${ending.signalName}`})`;
  }

  toJSON(): string {
    return this.toString();
  }

  /** What `console.log` shows. @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** Whether it ended in a way nobody asked for: an exit code other than 0, or a signal that did not come from its own methods. */
  get failed(): boolean {
    const ending = this.#look();
    return ending !== undefined && ending.exitCode !== 0 && !this.#endedOnPurpose;
  }

  /** Something that becomes ready when it has ended, to be waited for together with others. @throws IpcError `ERR_IPC_NOT_STARTED` */
  get sentinel(): Waitable {
    this.started('waited for');
    return this;
  }

  /** @throws IpcError `ERR_IPC_NOT_STARTED` @internal */
  get waitCell(): number {
    return this.memory.slots.stateCell(this.started('waited for'));
  }

  /** @throws IpcError `ERR_IPC_NOT_STARTED` @internal */
  isReady(): boolean {
    return this.#ending !== undefined || this.memory.slots.state(this.started('waited for')) === SLOT_STATE.ended;
  }

  /** @internal */
  checkAlive(thorough: boolean): void {
    if (this.#slot !== undefined) this.look(this.#slot, thorough);
  }

  /**
   * Starts it; returns when the operating system has.
   * @throws IpcError `ERR_IPC_ALREADY_STARTED`, `ERR_IPC_INVALID_ARGUMENT` for its name, `ERR_IPC_NOT_CLONEABLE`, `ERR_IPC_SPAWN_FAILED`,
   * `ERR_IPC_TOO_MANY_PROCESSES`
   */
  start(): this {
    this.#refuseStarted('runs once');
    if (typeof this.#name !== 'string' || this.#name === '' || /\p{Cc}/u.test(this.#name)) {
      throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `a ${this.noun} cannot be called ${shown(this.#name)}`, {
        hint: 'A name has at least one character and no control characters.',
      });
    }
    const { slots, self } = this.memory;
    const { module, name, args } = this.#task;
    const slot = slots.claim(this.#name, self, this.#daemon);
    try {
      slots.setArgs(
        slot,
        this.memory.put([module, name, args], (path) => argumentLabel(name, path)),
      );
    } catch (error) {
      slots.release(slot);
      throw error;
    }
    slots.setTime(slot, 'requestedAt', this.memory.nowMs());
    this.#slot = slot;
    this.launch(slot);
    return this;
  }

  /** Blocks until it has ended. Returns false when `timeoutMs` passed first. @throws IpcError `ERR_IPC_NOT_STARTED` */
  join(timeoutMs?: number): boolean {
    const slot = this.started('joined');
    return (
      this.#ending !== undefined ||
      this.memory.waiter.block(this.reaches('join', slot, SLOT_STATE.ended), timeoutMs) === true
    );
  }

  /** As {@link join}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async joinAsync(options?: AsyncWaitOptions): Promise<boolean> {
    const slot = this.started('joined');
    return (
      this.#ending !== undefined ||
      (await this.memory.waiter.blockAsync(this.reaches('join', slot, SLOT_STATE.ended), options)) === true
    );
  }

  /** Asks it to end; does nothing when it has ended. @throws IpcError `ERR_IPC_NOT_STARTED` */
  abstract terminate(): void;
  /** Ends it; does nothing when it has ended. @throws IpcError `ERR_IPC_NOT_STARTED` */
  abstract kill(): void;

  /**
   * Gives up what was kept for it; any use afterwards throws `ERR_IPC_CLOSED`. Idempotent.
   * @throws IpcError `ERR_IPC_STILL_RUNNING` while it runs
   */
  close(): void {
    if (this.#closed) return;
    if (this.isAlive) {
      throw new IpcError('ERR_IPC_STILL_RUNNING', `${this.#name} cannot be closed: it has not ended`, {
        hint: 'Join it first, or terminate it and then join it.',
      });
    }
    this.#closed = true;
  }

  /** Gives its slot back if nobody needs it any more; true when it has, or never had one. @internal */
  releaseSlot(): boolean {
    if (this.#slot === undefined) return this.#closed;
    if (this.memory.slots.state(this.#slot) !== SLOT_STATE.ended || !this.mayRelease(this.#slot)) return false;
    if (!this.#closed) this.#look();
    this.memory.slots.release(this.#slot);
    return true;
  }

  /** Makes it run; its slot is filled in. @throws IpcError `ERR_IPC_SPAWN_FAILED` @internal */
  protected abstract launch(slot: number): void;

  /** Whether what others keep of its slot may go. @internal */
  protected mayRelease(_slot: number): boolean {
    return true;
  }

  /** Looks after it in the place of who would report its end and cannot. @internal */
  protected look(_slot: number, _thorough: boolean): void {}

  /** True: it is to be ended and has not ended yet. @internal */
  protected endsOnPurpose(): boolean {
    this.started('ended');
    if (this.#look() !== undefined) return false;
    this.#endedOnPurpose = true;
    return true;
  }

  /** @throws IpcError `ERR_IPC_NOT_STARTED`, `ERR_IPC_CLOSED` @internal */
  protected started(verb: string): number {
    this.#refuseClosed();
    if (this.#slot !== undefined) return this.#slot;
    throw new IpcError('ERR_IPC_NOT_STARTED', `${this.#name} cannot be ${verb}: it was never started`, {
      hint: 'Call start() first.',
    });
  }

  /** The wait until its slot is in a state. @internal */
  protected reaches(verb: WaitVerb, slot: number, state: number): Condition<true> {
    return reaching(this.memory, verb, slot, state, (thorough) => this.look(slot, thorough));
  }

  #look(): Ending | undefined {
    this.#refuseClosed();
    const { slots } = this.memory;
    if (this.#ending !== undefined || this.#slot === undefined) return this.#ending;
    this.look(this.#slot, true);
    if (slots.state(this.#slot) === SLOT_STATE.ended) {
      this.#ending = {
        exitCode: slots.exitCode(this.#slot),
        signal: slots.signal(this.#slot),
        signalName: signalName(slots.signal(this.#slot)),
      };
    }
    return this.#ending;
  }

  #refuseStarted(why: string): void {
    this.#refuseClosed();
    if (this.#slot === undefined) return;
    throw new IpcError('ERR_IPC_ALREADY_STARTED', `${this.#name} was started already: a ${this.noun} ${why}`, {
      hint: `Make another ${this.noun}, and set it up before it is started.`,
    });
  }

  #refuseClosed(): void {
    if (!this.#closed) return;
    throw new IpcError('ERR_IPC_CLOSED', `${this.#name} is closed`, {
      hint: `Close a ${this.noun} only when nothing is to be asked of it any more.`,
    });
  }
}

/** Where in the task `[module, name, arguments]` something cannot be cloned, as its author sees it. */
function argumentLabel(name: string, path: string): string {
  const match = /^\[2\]\[(\d+)\](.*)$/s.exec(path);
  if (match === null) return `an argument of ${name}`;
  const [, index, inside] = match;
  return `argument ${Number(index) + 1} of ${name}${inside === '' ? '' : ` (at ${inside})`}`;
}
