/**
 * How long to look before sleeping, learned from what looking was worth. Where the other side is awake and quick, a look saves a sleep that
 * costs a hundred times as much; where it is not, because it is slow or because other programs have the processors, looking wastes the very
 * time the other side needs.
 *
 * Success allows twice as many looks as it took, failure halves what is allowed. Now and then it looks for longer than a sleep takes: two
 * sides that both sleep at once would otherwise never find out that neither needs to.
 */
export class Patience {
  readonly #most: number;
  #looks: number;
  #waits = 0;

  /** @param most how many looks are ever worth it, but for the odd long one */
  constructor(most: number) {
    this.#most = most;
    this.#looks = most;
  }

  /** How many looks the next wait may take. */
  next(): number {
    this.#waits = (this.#waits + 1) | 0;
    return this.#waits % PROBE_EVERY === 0 ? this.#most * PROBE_FACTOR : this.#looks;
  }

  /** Says how many looks it took, or that all of them were in vain. */
  learn(looks: number | undefined): void {
    this.#looks =
      looks === undefined ? Math.max(FEWEST, this.#looks >> 1) : Math.min(this.#most, Math.max(this.#looks, looks * 2));
  }
}

const FEWEST = 8;
const PROBE_EVERY = 16;
const PROBE_FACTOR = 4;
