/** How many increments a race has: enough that it takes about a second, and, where losses are to be seen, enough to see one. Pure. */
import type { AdaptationReport } from '../report/race.ts';

/** How long a trial should take when nobody says how many increments it has. */
export const TRIAL_MS = 1000;
/** A trial of this part of the wanted time says how fast increments are: long enough that sharing processors evens out. */
const TELLING_PART = 1 / 5;
const FIRST_GUESS = 2000;
/** The largest step from one guess to the next: processes that are slow to meet make a first guess look slow. */
const LARGEST_STEP = 64;

/** What is known of a trial when deciding about the next. */
export interface TrialFigures {
  readonly lost: number;
  readonly wallMs: number;
}

/**
 * Milliseconds that one more increment of each process costs, at full speed.
 * @param wantedMs no more than about that long is spent
 * @param most the counter must not overflow
 */
export function measurePace(trial: (iterations: number) => TrialFigures, wantedMs: number, most: number): number {
  for (let iterations = Math.min(FIRST_GUESS, most); ; ) {
    const { wallMs } = trial(iterations);
    const pace = Math.max(wallMs, 0.001) / iterations;
    if (wallMs >= wantedMs * TELLING_PART || iterations >= most) return pace;
    iterations = Math.min(most, iterations * LARGEST_STEP, Math.ceil((1.5 * wantedMs * TELLING_PART) / pace));
  }
}

/** The largest of 1, 2, 5, 10, 20, 50 … that is not above `value`. */
export function roundDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return power * ([5, 2].find((step) => step * power <= value) ?? 1);
}

/** Bounds of the search for a loss. */
export interface Patience {
  readonly mostIterations: number;
  readonly mostTrials: number;
  /** Racing time in all. */
  readonly budgetMs: number;
}

export interface Batch<T> {
  readonly iterations: number;
  readonly trials: readonly T[];
  readonly adapted: AdaptationReport | null;
}

/** Tries at the same number of increments, while they are short, before there are more. */
const TRIES_PER_LEVEL = 4;
const SHORT_MS = 50;
const GROWTH = 4;

/**
 * Races `trials` times; when nothing was lost races again, soon with more increments, until something is lost or patience is at an end. Returns
 * the last of these batches.
 */
export function raceUntilLoss<T extends TrialFigures>(
  start: { readonly iterations: number; readonly trials: number },
  patience: Patience,
  trial: (iterations: number, index: number) => T,
): Batch<T> {
  let { iterations } = start;
  let [tries, trialsBefore, spentMs] = [0, 0, 0];
  for (;;) {
    const trials = Array.from({ length: start.trials }, (_, i) => trial(iterations, i));
    const batchMs = trials.reduce((sum, { wallMs }) => sum + wallMs, 0);
    spentMs += batchMs;
    tries++;
    const grown = Math.min(iterations * GROWTH, patience.mostIterations);
    const grow = tries >= TRIES_PER_LEVEL || batchMs > SHORT_MS;
    const affordable = spentMs + batchMs * (grow ? grown / iterations : 1) <= patience.budgetMs;
    const lost = trials.some((each) => each.lost !== 0);
    if (lost || !affordable || trialsBefore + 2 * start.trials > patience.mostTrials) {
      const adapted =
        trialsBefore === 0
          ? null
          : { fromIterations: start.iterations, toIterations: iterations, trialsWithoutLoss: trialsBefore };
      return { iterations, trials, adapted };
    }
    trialsBefore += start.trials;
    if (grow) [iterations, tries] = [grown, 0];
  }
}
