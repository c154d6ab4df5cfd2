/** Work that takes no longer than this on the processor, and never stands still for {@link IDLE_MS}, comes to its end by itself. */
const BUSY_MS = 500;
const IDLE_MS = 1000;
/** Nobody waits longer than that, whatever it does. */
const MOST_MS = 10_000;

/**
 * How long to wait for a thread that should come to an end by itself, and may never do: on a busy machine it can take very long to do very
 * little, so it is judged by what it has had of the processor, and by whether it moves at all.
 */
export class LoadingLimit {
  readonly #cpuMs: () => number;
  readonly #nowMs: () => number;
  readonly #began: number;
  readonly #atFirst: number;
  #moved: number;
  #last: number;

  /** @param cpuMs how long the thread has had the processor */
  constructor(cpuMs: () => number, nowMs: () => number = () => performance.now()) {
    this.#cpuMs = cpuMs;
    this.#nowMs = nowMs;
    this.#began = nowMs();
    this.#moved = this.#began;
    this.#atFirst = cpuMs();
    this.#last = this.#atFirst;
  }

  /** Whether it has taken too long; to be asked again and again. */
  isPassed(): boolean {
    const [now, used] = [this.#nowMs(), this.#cpuMs()];
    if (used !== this.#last) this.#moved = now;
    this.#last = used;
    return used - this.#atFirst >= BUSY_MS || now - this.#moved >= IDLE_MS || now - this.#began >= MOST_MS;
  }
}
