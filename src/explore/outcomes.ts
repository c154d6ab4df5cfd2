import type { LabMemory } from '../memory/lab-memory.ts';
import { readBlob, writeBlob } from '../memory/blob.ts';
import { type Control, CONTROL, FAILURE, MOST_OUTCOMES, scheduleText } from './control.ts';

// Cells of an outcome; the count is a Float64 in the first two.
const LABEL = 2;
const PREEMPTIONS = 3;
const SCHEDULE = 4;

/** What came out of executions, and how often: as the explorer's table in shared memory has it. */
export interface Counted {
  readonly label: string;
  readonly count: number;
  /** The example with the fewest preemptions. */
  readonly schedule: string;
  readonly preemptions: number;
}

/** The table of outcomes. Only the actor that ends an execution writes to it. */
export class Outcomes {
  readonly #memory: LabMemory;
  readonly #control: Control;
  readonly #known = new Map<string, number>();

  constructor(memory: LabMemory, control: Control) {
    this.#memory = memory;
    this.#control = control;
  }

  /** Counts one more of an outcome; `schedule` is asked for when it makes a better example than the one there is. */
  count(label: string, schedule: () => readonly number[]): void {
    const { cells } = this.#memory;
    const index = this.#find(label) ?? this.#add(label);
    if (index === undefined) return;
    const cell = this.#control.outcomeCell(index);
    const count = cells.loadFloat64(cell / 2);
    cells.storeFloat64(cell / 2, count + 1);
    const preemptions = this.#control.get(CONTROL.preemptions);
    if (count > 0 && preemptions >= cells.loadInt32(cell + PREEMPTIONS)) return;
    const old = cells.loadInt32(cell + SCHEDULE) >>> 0;
    cells.storeInt32(cell + PREEMPTIONS, preemptions);
    cells.storeInt32(cell + SCHEDULE, this.#text(scheduleText(schedule())));
    if (old !== 0) this.#memory.arena.free(old);
  }

  all(): Counted[] {
    const { cells } = this.#memory;
    return Array.from({ length: this.#control.get(CONTROL.outcomes) }, (_, index) => {
      const cell = this.#control.outcomeCell(index);
      return {
        label: this.#read(cell + LABEL),
        count: cells.loadFloat64(cell / 2),
        schedule: this.#read(cell + SCHEDULE),
        preemptions: cells.loadInt32(cell + PREEMPTIONS),
      };
    });
  }

  #find(label: string): number | undefined {
    const known = this.#known.get(label);
    if (known !== undefined) return known;
    for (let index = this.#known.size; index < this.#control.get(CONTROL.outcomes); index++) {
      this.#known.set(this.#read(this.#control.outcomeCell(index) + LABEL), index);
    }
    return this.#known.get(label);
  }

  #add(label: string): number | undefined {
    const index = this.#control.get(CONTROL.outcomes);
    if (index >= MOST_OUTCOMES) {
      this.#control.set(CONTROL.failure, FAILURE.tooManyOutcomes);
      return undefined;
    }
    const cell = this.#control.outcomeCell(index);
    this.#memory.cells.storeInt32(cell + LABEL, this.#text(label));
    this.#control.set(CONTROL.outcomes, index + 1);
    this.#known.set(label, index);
    return index;
  }

  #text(text: string): number {
    return writeBlob(this.#memory.cells, this.#memory.arena, new TextEncoder().encode(text));
  }

  #read(cell: number): string {
    return new TextDecoder().decode(readBlob(this.#memory.cells, this.#memory.cells.loadInt32(cell) >>> 0));
  }
}
