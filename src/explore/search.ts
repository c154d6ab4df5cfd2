/**
 * The search over all schedules, depth first and without storing states: each execution follows a prefix that the search dictates and goes on
 * without preemptions; afterwards the last step at which something else could have been chosen is the end of the next prefix.
 *
 * Reduction by sleep sets: after a choice has been explored, it need not be tried again below its alternatives until something that depends on
 * it has been done; an execution in which everything that could be done is asleep is given up. Two steps are independent when they touch
 * different locations, or the same one and neither writes. Sleep sets and a preemption bound together would lose outcomes, so a bound turns
 * the reduction off.
 *
 * Sources: Patrice Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems" (LNCS 1032, 1996), chapter 5; Musuvathi and
 * Qadeer, "Iterative Context Bounding" (PLDI 2007).
 */
import { ACTOR, type Control, CONTROL, EVERYWHERE, FAILURE, STEP, UNKNOWN_ACTOR } from './control.ts';

/** What the search says about the next step: an actor, or why there is none. */
export type Choice = number;
export const REDUNDANT: Choice = -1;
export const IMPOSSIBLE: Choice = -2;

export class Search {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  /** Chooses who takes the next step of the execution among the enabled (a bit mask, not 0), and counts the step. */
  choose(enabled: number): Choice {
    const control = this.#control;
    const depth = control.get(CONTROL.depth);
    const previous = depth === 0 ? -1 : control.step(depth - 1, STEP.chosen);
    const chosen =
      depth < control.get(CONTROL.prefix) ? this.#follow(depth, enabled) : this.#open(depth, enabled, previous);
    if (chosen < 0) return chosen;
    const preempts = previous >= 0 && previous !== chosen && (enabled & (1 << previous)) !== 0;
    control.set(CONTROL.preemptions, control.get(CONTROL.preemptions) + (preempts ? 1 : 0));
    control.set(CONTROL.sleep, control.get(CONTROL.reduction) === 1 ? this.#sleepAfter(depth, chosen) : 0);
    control.set(CONTROL.writes, control.get(CONTROL.writes) + control.actor(chosen, ACTOR.writes));
    control.set(CONTROL.depth, depth + 1);
    return chosen;
  }

  /** After an execution: sets up the next prefix. False: there is nothing left to try. */
  advance(): boolean {
    const control = this.#control;
    for (let depth = control.get(CONTROL.depth) - 1; depth >= 0; depth--) {
      const tried = control.step(depth, STEP.tried) | (1 << control.step(depth, STEP.chosen));
      control.setStep(depth, STEP.tried, tried);
      const previous = depth === 0 ? -1 : control.step(depth - 1, STEP.chosen);
      const enabled = control.step(depth, STEP.enabled);
      const left =
        this.#allowed(enabled, previous, control.step(depth, STEP.preemptions)) &
        ~tried &
        ~control.step(depth, STEP.sleep);
      if (left === 0) continue;
      control.setStep(depth, STEP.chosen, lowest(left));
      control.set(CONTROL.prefix, depth + 1);
      return true;
    }
    return false;
  }

  /** The schedule of the execution so far. */
  schedule(): number[] {
    return Array.from({ length: this.#control.get(CONTROL.depth) }, (_, depth) =>
      this.#control.step(depth, STEP.chosen),
    );
  }

  /** A step that the prefix dictates. The same prefix must lead to the same choices: else an actor does not depend on the schedule alone. */
  #follow(depth: number, enabled: number): Choice {
    const control = this.#control;
    const chosen = control.step(depth, STEP.chosen);
    const signature = this.#signature(chosen);
    const expected = control.step(depth, STEP.signature);
    if ((enabled & (1 << chosen)) === 0)
      return expected === 0
        ? this.#fail(FAILURE.scheduleImpossible, chosen)
        : this.#fail(FAILURE.notAFunctionOfSchedule, UNKNOWN_ACTOR);
    // An alternative that is tried for the first time: nobody knows its signature yet.
    const fresh = depth === control.get(CONTROL.prefix) - 1;
    if (expected !== 0 && !fresh && expected !== signature) return this.#fail(FAILURE.notAFunctionOfSchedule, chosen);
    // Whom another keeps from going on does nothing else itself.
    if (expected !== 0 && control.step(depth, STEP.enabled) !== enabled)
      return this.#fail(FAILURE.notAFunctionOfSchedule, UNKNOWN_ACTOR);
    control.setStep(depth, STEP.signature, signature);
    control.setStep(depth, STEP.enabled, enabled);
    return chosen;
  }

  /** A step beyond the prefix: goes on with whoever ran, if that is possible and makes sense. */
  #open(depth: number, enabled: number, previous: number): Choice {
    const control = this.#control;
    const sleep = control.get(CONTROL.sleep);
    const candidates = this.#allowed(enabled, previous, control.get(CONTROL.preemptions)) & ~sleep;
    if (candidates === 0) return REDUNDANT;
    const chosen = this.#pick(candidates, previous);
    control.setStep(depth, STEP.enabled, enabled);
    control.setStep(depth, STEP.chosen, chosen);
    control.setStep(depth, STEP.tried, 0);
    control.setStep(depth, STEP.sleep, sleep);
    control.setStep(depth, STEP.signature, this.#signature(chosen));
    control.setStep(depth, STEP.preemptions, control.get(CONTROL.preemptions));
    return chosen;
  }

  #pick(candidates: number, previous: number): number {
    const state = this.#control.get(CONTROL.random);
    if (state !== 0) return this.#pickAtRandom(candidates, state);
    return previous >= 0 && (candidates & (1 << previous)) !== 0 ? previous : lowest(candidates);
  }

  /** Algorithm: xorshift32 (George Marsaglia, 2003). */
  #pickAtRandom(candidates: number, state: number): number {
    let next = state ^ (state << 13);
    next ^= next >>> 17;
    next ^= next << 5;
    this.#control.set(CONTROL.random, next);
    let left = (next >>> 0) % bitCount(candidates);
    let mask = candidates;
    for (; left > 0; left--) mask &= mask - 1;
    return lowest(mask);
  }

  /** The enabled actors that the preemption bound lets run. */
  #allowed(enabled: number, previous: number, preemptions: number): number {
    const bound = this.#control.get(CONTROL.preemptionBound);
    const mustGoOn = bound >= 0 && preemptions >= bound && previous >= 0 && (enabled & (1 << previous)) !== 0;
    return mustGoOn ? 1 << previous : enabled;
  }

  /** Who sleeps after a choice: who slept or was tried before it, as long as the step chosen does not matter to them. */
  #sleepAfter(depth: number, chosen: number): number {
    const control = this.#control;
    const candidates = (control.step(depth, STEP.sleep) | control.step(depth, STEP.tried)) & ~(1 << chosen);
    let sleep = 0;
    for (let actor = 0; candidates >>> actor !== 0; actor++) {
      if ((candidates & (1 << actor)) !== 0 && this.#independent(actor, chosen)) sleep |= 1 << actor;
    }
    return sleep;
  }

  #independent(a: number, b: number): boolean {
    const control = this.#control;
    const location = control.actor(a, ACTOR.location);
    const neitherWrites = control.actor(a, ACTOR.writes) === 0 && control.actor(b, ACTOR.writes) === 0;
    if (location === EVERYWHERE || control.actor(b, ACTOR.location) === EVERYWHERE) return neitherWrites;
    if (location === 0 || location !== control.actor(b, ACTOR.location)) return true;
    return neitherWrites;
  }

  /** What an actor is about to do, as a number that is never 0. */
  #signature(actor: number): number {
    const control = this.#control;
    return (
      (Math.imul(control.actor(actor, ACTOR.op) + 1, 0x9e3779b1) ^
        Math.imul(control.actor(actor, ACTOR.location), 0x85ebca6b) ^
        control.actor(actor, ACTOR.stored)) |
      1
    );
  }

  #fail(failure: number, actor: number): Choice {
    this.#control.set(CONTROL.failure, failure);
    this.#control.set(CONTROL.failedActor, actor);
    return IMPOSSIBLE;
  }
}

function lowest(mask: number): number {
  return 31 - Math.clz32(mask & -mask);
}

function bitCount(mask: number): number {
  let count = 0;
  for (let left = mask; left !== 0; left &= left - 1) count++;
  return count;
}
