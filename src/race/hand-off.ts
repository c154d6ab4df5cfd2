/**
 * A lost update on purpose, between two real processes: A is stopped between its load and its store, B works in that window, then A goes on.
 * They tell each other by two events, and write down each step with what the counter held after it.
 *
 * ```
 * events  A, stopped in its window → B, which has used it → A
 * steps   cell 0: how many; then per step: who, what, value, counter after it
 * ```
 *
 * Only whoever has the turn (or holds the guard) writes a step, so they stand in the order in which they happened.
 */
import type { RawArray } from '../primitives/raw-array.ts';
import type { StepReport } from '../report/race.ts';
import type { Board } from './board.ts';
import type { Lane, LockKind } from './lock-kinds.ts';

/** How the two play. */
export const PLAY = {
  /** Nobody keeps B out: B's update is lost. */
  open: 0,
  /** A holds the guard, so B cannot enter while A is stopped: nothing is lost. */
  guarded: 1,
  /** A goes round the guard, which B uses as it should: a loss that was planted. */
  planted: 2,
} as const;

const WHAT: readonly StepReport['action'][] = ['load', 'store', 'acquire', 'blocked', 'release'];
const MOST_STEPS = 12;
const STEP_CELLS = 4;

/** Cells for the steps of a hand-off. */
export const HAND_OFF_CELLS = 1 + MOST_STEPS * STEP_CELLS;

/** Plays one side: racer 0 is A, racer 1 is B. */
export function playHandOff(board: Board, self: number, kind: LockKind, lane: Lane, play: number): void {
  const { counter, stopped, used } = board;
  const guard = play === PLAY.guarded ? lane.guard : undefined;
  const note = (what: StepReport['action'], value: number): void =>
    addStep(board.steps, [self, WHAT.indexOf(what), value, counter.value]);
  const load = (): number => {
    const read = counter.value;
    note('load', read);
    return read;
  };
  const store = (value: number): void => {
    counter.value = value;
    note('store', value);
  };
  if (self === 0) {
    if (guard?.acquire() === true) note('acquire', 0);
    const read = load();
    stopped.set();
    used.wait();
    store(read + 1);
    if (guard === undefined) return;
    note('release', 0);
    guard.release();
  } else if (guard !== undefined) {
    stopped.wait();
    // Were it let in, A would still be stopped in its window and must not be waited for.
    const letIn = guard.tryAcquire();
    if (!letIn) note('blocked', 0);
    else store(load() + 1);
    used.set();
    if (letIn) return guard.release();
    guard.acquire();
    note('acquire', 0);
    store(load() + 1);
    note('release', 0);
    guard.release();
  } else {
    stopped.wait();
    if (play === PLAY.planted) kind.increment(lane, 1);
    else store(load() + 1);
    used.set();
  }
}

/** The steps as they were written down, with who took them. */
export function readSteps(steps: RawArray<'i'>): (Omit<StepReport, 'process'> & { readonly racer: number })[] {
  return Array.from({ length: steps.get(0) }, (_, i) => {
    const [racer = 0, what = 0, value = 0, counter = 0] = steps.slice(1 + i * STEP_CELLS, 1 + (i + 1) * STEP_CELLS);
    const action = WHAT[what] ?? 'load';
    return { racer, action, value: action === 'load' || action === 'store' ? value : null, counter };
  });
}

function addStep(steps: RawArray<'i'>, step: readonly number[]): void {
  const count = steps.get(0);
  if (count >= MOST_STEPS) return;
  steps.assign(step, 1 + count * STEP_CELLS);
  steps.set(0, count + 1);
}
