/**
 * How long to look before sleeping, learned from what looking was worth. Where the other side is awake and quick, a look saves a sleep that
 * costs a hundred times as much; where it is not, because it is slow or because other programs have the processors, looking wastes the very
 * time the other side needs.
 *
 * Success allows twice as many looks as it took, failure halves what is allowed. Now and then it looks for longer than a sleep takes: two
 * sides that both sleep at once would otherwise never find out that neither needs to. Each time that this is in vain it is tried half as often:
 * with more processes than processors it is always in vain, and would take more time than all else that a wait does.
 */
export class Patience {
  readonly #most: number;
  #looks: number;
  /** Waits until the next long look, and between the last two. */
  #untilProbe = PROBE_EVERY;
  #probeEvery = PROBE_EVERY;

  /** @param most how many looks are ever worth it, but for the odd long one */
  constructor(most: number) {
    this.#most = most;
    this.#looks = most;
  }

  /** How many looks the next wait may take. */
  next(): number {
    if (--this.#untilProbe > 0) return this.#looks;
    this.#probeEvery = Math.min(this.#probeEvery * 2, PROBE_SELDOM);
    this.#untilProbe = this.#probeEvery;
    return this.#most * PROBE_FACTOR;
  }

  /** Says how many looks it took, or that all of them were in vain. */
  learn(looks: number | undefined): void {
    if (looks === undefined) {
      this.#looks = Math.max(FEWEST, this.#looks >> 1);
    } else {
      this.#looks = Math.min(this.#most, Math.max(this.#looks, looks * 2));
      this.#probeEvery = PROBE_EVERY;
      this.#untilProbe = Math.min(this.#untilProbe, PROBE_EVERY);
    }
  }
}

const FEWEST = 8;
const PROBE_EVERY = 16;
const PROBE_SELDOM = 1024;
const PROBE_FACTOR = 4;
