import type { LabMemory } from '../memory/lab-memory.ts';
import { SLOT_STATE } from '../memory/slot-layout.ts';
import { reaching } from './reaching.ts';

/** This process, or this thread, as others see it. */
export interface Itself {
  readonly name: string;
  readonly pid: number;
  readonly daemon: boolean;
}

/** Who a slot belongs to. */
export function itself({ slots }: LabMemory, slot: number): Itself {
  return { name: slots.name(slot), pid: slots.pid(slot), daemon: slots.isDaemon(slot) };
}

/** The process that started this one, as this one sees it: it can be waited for, not ended. */
export class ParentProcess {
  readonly name: string;
  readonly pid: number;
  readonly #memory: LabMemory;
  readonly #slot: number;

  /** @param slot of that process. @internal */
  constructor(memory: LabMemory, slot: number) {
    this.#memory = memory;
    this.#slot = slot;
    // It may be gone when somebody asks.
    this.name = memory.slots.name(slot);
    this.pid = memory.slots.pid(slot);
  }

  /** Whether it has not ended; asks the operating system. */
  get isAlive(): boolean {
    return this.#memory.slots.isAlive(this.#slot);
  }

  /** Blocks until it has ended. Returns false when `timeoutMs` passed first. */
  join(timeoutMs?: number): boolean {
    // The supervisor reports the end of every process.
    const condition = reaching(this.#memory, 'join', this.#slot, SLOT_STATE.ended, () => {});
    return this.#memory.waiter.block(condition, timeoutMs) === true;
  }
}

/** The process that started the one that this is or belongs to; undefined in the main process, which the supervisor has started. */
export function parentOf(memory: LabMemory): ParentProcess | undefined {
  const { slots } = memory;
  const starter = slots.parent(memory.process);
  if (starter === 0) return undefined;
  const parent = slots.host(starter) || starter;
  return slots.parent(parent) === 0 ? undefined : new ParentProcess(memory, parent);
}
