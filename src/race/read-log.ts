/**
 * What a process read in each of its increments, written down in little room: as long as nobody interferes, each increment reads what the one
 * before has written, so only where that is not so is anything written. From these breaks all that was read can be told again.
 *
 * ```
 * cell 0  breaks written            cell 1  the iteration up to which they tell everything
 * then per break: iteration, value read in it
 * ```
 *
 * A log that is full ends there: it tells the beginning of a race, and that is where the earliest lost update is.
 */

/** Breaks that a log has room for. */
const CAPACITY = 8192;

/** Cells that a log takes. */
export const LOG_CELLS = 2 + 2 * CAPACITY;

/** Values that a process read in consecutive iterations, each one more than the one before. */
export interface ReadRun {
  /** Index of the process. */
  readonly process: number;
  /** The iteration in which it read the first of them; iterations count from 0. */
  readonly iteration: number;
  /** The first of them. */
  readonly value: number;
  readonly length: number;
}

/** Writes a log. One process, one race at a time. */
export class ReadLog {
  readonly #cells: Int32Array;
  #breaks = 0;
  #next = -1;
  #complete = -1;

  constructor(cells: Int32Array) {
    this.#cells = cells;
  }

  begin(): void {
    this.#breaks = 0;
    this.#next = -1;
    this.#complete = -1;
  }

  /** Notes what an iteration read; it is about to write, or has written, one more. */
  note(iteration: number, read: number): void {
    if (read !== this.#next) this.#break(iteration, read);
    this.#next = read + 1;
  }

  end(iterations: number): void {
    this.#cells[0] = this.#breaks;
    this.#cells[1] = this.#complete === -1 ? iterations : this.#complete;
  }

  #break(iteration: number, read: number): void {
    if (this.#breaks < CAPACITY) {
      this.#cells[2 + 2 * this.#breaks] = iteration;
      this.#cells[3 + 2 * this.#breaks] = read;
      this.#breaks++;
    } else if (this.#complete === -1) {
      this.#complete = iteration;
    }
  }
}

/** What a log tells. */
export function readRuns(process: number, cells: Int32Array): ReadRun[] {
  const [breaks = 0, complete = 0] = cells;
  return Array.from({ length: breaks }, (_, i) => {
    const iteration = cells[2 + 2 * i] ?? 0;
    const nextBreak = i + 1 < breaks ? (cells[4 + 2 * i] ?? 0) : complete;
    return { process, iteration, value: cells[3 + 2 * i] ?? 0, length: nextBreak - iteration };
  });
}
