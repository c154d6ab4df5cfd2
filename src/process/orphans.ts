/** What becomes of those whose parent has ended: nobody can ask for their exit code any more, and nobody ends their daemons but the supervisor. */
import type { LabMemory } from '../memory/lab-memory.ts';
import { SLOT_STATE } from '../memory/slot-layout.ts';
import { discardTask } from './process-record.ts';

/** So many slots of orphans that have ended are kept, so that messages can name them. */
const MOST_KEPT = 256;

export class Orphans {
  readonly #memory: LabMemory;
  /** Slot ids, in the order in which they were found. */
  readonly #ended = new Set<number>();

  constructor(memory: LabMemory) {
    this.#memory = memory;
  }

  /**
   * A process or thread has ended. Frees what it had claimed for children that it never started, and returns its daemons that are left: they
   * end with it, however it ended.
   */
  of(parent: number): number[] {
    const { slots } = this.#memory;
    slots.abandonClaims(parent, (id) => discardTask(this.#memory, id));
    this.#keepFew();
    return [...slots.ids()].filter(
      (id) => slots.parent(id) === parent && slots.isDaemon(id) && slots.state(id) !== SLOT_STATE.ended,
    );
  }

  /** Gives slots back that nobody can ask about, but for the latest. */
  #keepFew(): void {
    const { slots, threads, self } = this.#memory;
    for (const id of slots.ids()) {
      const parent = slots.parent(id);
      if (slots.state(id) !== SLOT_STATE.ended || parent === self || slots.state(parent) !== SLOT_STATE.ended) continue;
      if (slots.host(id) === 0 || threads.isNoted(id)) this.#ended.add(id);
    }
    for (const id of this.#ended) {
      if (this.#ended.size <= MOST_KEPT) break;
      this.#ended.delete(id);
      slots.release(id);
    }
  }
}
