import { IpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SLOT_STATE } from '../memory/slot-layout.ts';
import { Participant, type Task } from './participant.ts';

/**
 * A process of the lab, as the one that made it holds it.
 *
 * The operating system's parent of all of them is the supervisor, which spawns and reaps on request (as Python's fork server does): so a
 * process can start others while it is blocked or on a worker thread, and an exit is noticed although the parent's event loop stands still.
 */
export class Process extends Participant {
  /** @internal */
  protected readonly noun = 'process';
  readonly #ringSupervisor: () => void;
  #pid: number | undefined;

  /** @internal */
  constructor(memory: LabMemory, name: string, task: Task, ringSupervisor: () => void) {
    super(memory, name, task);
    this.#ringSupervisor = ringSupervisor;
  }

  /** Its process id; undefined before it is started. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** Asks it to end (SIGTERM); does nothing when it has ended. @throws IpcError `ERR_IPC_NOT_STARTED` */
  terminate(): void {
    this.#send('SIGTERM');
  }

  /** Ends it (SIGKILL); does nothing when it has ended. @throws IpcError `ERR_IPC_NOT_STARTED` */
  kill(): void {
    this.#send('SIGKILL');
  }

  /** @internal */
  protected launch(slot: number): void {
    const { slots, waiter } = this.memory;
    slots.advance(slot, SLOT_STATE.requested);
    this.#ringSupervisor();
    waiter.block(this.reaches('start', slot, SLOT_STATE.spawned));
    this.#pid = slots.pid(slot);
    if (this.#pid !== 0) return;
    const reason = slots.error(slot);
    throw new IpcError(
      'ERR_IPC_SPAWN_FAILED',
      reason === 0
        ? `${this.name} was ended before the operating system had started it`
        : `the operating system did not start ${this.name}: ${String(this.memory.take(reason))}`,
    );
  }

  #send(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (!this.endsOnPurpose() || this.#pid === undefined) return;
    try {
      process.kill(this.#pid, signal);
    } catch {
      // It ended between our look and the signal.
    }
  }
}
