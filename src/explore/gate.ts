/**
 * The gate of an actor: before each step it says here what it is about to do and parks until the schedule lets it take that one step.
 *
 * Whoever has just taken a step chooses who is next and hands the turn over itself; nobody watches in between. Whoever waits looks at its cell for
 * a moment and then sleeps; the rules of waiting hold (no sleep without a look around).
 *
 * In the first execution all actors run to their first gate before anybody chooses. What they do there cannot depend on the schedule, so from
 * the second on it is known: an actor is woken when the schedule first chooses it, which spares a hand-over per actor and execution.
 */
import type { LabMemory } from '../memory/lab-memory.ts';
import {
  ACTOR,
  ACTOR_STATE,
  CONTROL,
  type Control,
  ENDING,
  FAILURE,
  GUARD,
  MOST_ENDLESS,
  PHASE,
  STEP,
  STEP_FIELDS,
  UNKNOWN_ACTOR,
} from './control.ts';
import { IMPOSSIBLE, REDUNDANT, Search } from './search.ts';
import { Turn } from './turn.ts';

/** A step that an actor is about to take. */
export interface PendingStep {
  /** Index into OPERATIONS. */
  readonly op: number;
  /** What it touches; 0 for nothing that others can see. */
  readonly location: number;
  readonly writes: boolean;
  /** The object, for people. */
  readonly object: number;
  readonly guard?: number;
  readonly guardCell?: number;
  readonly guardValue?: number;
  /** A number that tells what is stored apart from other values; 0 where nothing is. */
  readonly stored?: number;
}

/** Thrown by gates to end an execution that is being given up. */
export class ExecutionAborted extends Error {
  constructor() {
    super('this execution is being given up');
  }
}

/** What an actor that ends adds to `arrivals`. */
const ENDED_UNIT = 256;

/** What happens when an execution is over: said once, by the actor that ends it. */
type ExecutionEnd = () => void;

export class Gate {
  readonly index: number;
  readonly #control: Control;
  readonly #memory: LabMemory;
  readonly #search: Search;
  readonly #actors: number;
  readonly #executionEnded: ExecutionEnd;
  readonly #turn: Turn;
  #over = false;
  /** It has ended an execution, and the next begins with itself. */
  #chosen = false;

  constructor(memory: LabMemory, control: Control, index: number, executionEnded: ExecutionEnd) {
    this.index = index;
    this.#memory = memory;
    this.#control = control;
    this.#search = new Search(control);
    this.#actors = control.get(CONTROL.actors);
    this.#executionEnded = executionEnded;
    this.#turn = new Turn(memory, control, index);
  }

  /** Parks until the next execution begins. False: there is none. */
  awaitExecution(): boolean {
    if (!this.#chosen) this.#turn.await();
    this.#chosen = false;
    this.#over = this.#control.get(CONTROL.phase) !== PHASE.exploring;
    return !this.#over;
  }

  /** Parks until this step may be taken. */
  pass(step: PendingStep): void {
    const control = this.#control;
    const me = this.index;
    // Over: an asynchronous actor, refused, goes on all the same.
    if (this.#over || control.get(CONTROL.aborting) === 1) throw new ExecutionAborted();
    const first = control.actor(me, ACTOR.started) === 0;
    if (first && control.get(CONTROL.lazy) === 1) {
      // It runs because it has been chosen, for this step.
      control.setActor(me, ACTOR.started, 1);
      if (!this.#isPending(step)) this.#refuseToGoOn();
      return;
    }
    this.#announce(step);
    control.setActor(me, ACTOR.state, ACTOR_STATE.atGate);
    if (first) this.#rememberFirst();
    const mayChoose = !first || this.#report(1).arrived === this.#actors;
    if (mayChoose && this.#chooseNext() === me) return;
    this.#turn.await();
    if (control.get(CONTROL.aborting) === 1) throw new ExecutionAborted();
  }

  /** This actor has no more steps in this execution. Whoever is last ends it. */
  finish(): void {
    const control = this.#control;
    const started = control.actor(this.index, ACTOR.started) === 1;
    control.setActor(this.index, ACTOR.state, ACTOR_STATE.done);
    if (!started && control.get(CONTROL.lazy) === 1) this.#refuseToGoOn();
    const mayChoose = started || this.#report(1).arrived === this.#actors;
    if (
      mayChoose &&
      control.get(CONTROL.aborting) === 0 &&
      !this.#allActors((actor) => control.actor(actor, ACTOR.state) === ACTOR_STATE.done)
    )
      this.#chooseNext();
    // Counted last: the execution must not end, and the next begin, while this actor still looks at who is to be woken.
    if (this.#report(ENDED_UNIT).ended === this.#actors) this.#endExecution();
  }

  #allActors(holds: (actor: number) => boolean): boolean {
    for (let actor = 0; actor < this.#actors; actor++) if (!holds(actor)) return false;
    return true;
  }

  #report(change: number): { readonly arrived: number; readonly ended: number } {
    const now = this.#memory.cells.add(this.#control.base + CONTROL.arrivals, change) + change;
    return { arrived: now % ENDED_UNIT, ended: Math.floor(now / ENDED_UNIT) };
  }

  #announce(step: PendingStep): void {
    for (const [field, value] of fieldsOf(step).entries()) this.#control.setActor(this.index, ACTOR.op + field, value);
  }

  #isPending(step: PendingStep): boolean {
    return fieldsOf(step).every((value, field) => this.#control.actor(this.index, ACTOR.op + field) === value);
  }

  #rememberFirst(): void {
    const control = this.#control;
    const me = this.index;
    for (let field = 0; field < STEP_FIELDS; field++)
      control.setActor(me, ACTOR.first + field, control.actor(me, ACTOR.op + field));
    control.setActor(me, ACTOR.firstKnown, 1);
    control.setActor(me, ACTOR.started, 1);
  }

  /** Ends the exploration: this actor does something else at its start than in the execution before. */
  #refuseToGoOn(): void {
    this.#control.set(CONTROL.failure, FAILURE.notAFunctionOfSchedule);
    this.#control.set(CONTROL.failedActor, this.index);
    this.#abort(ENDING.redundant);
  }

  /** Lets the search choose, and hands the turn over. Returns who is next, or a negative number when the execution is being given up. */
  #chooseNext(): number {
    const control = this.#control;
    const enabled = this.#enabled();
    if (enabled === 0) return this.#abort(ENDING.deadlock);
    if (control.get(CONTROL.depth) >= control.get(CONTROL.stepLimit)) return this.#abort(ENDING.stepLimit);
    const chosen = this.#search.choose(enabled);
    if (chosen === REDUNDANT) return this.#abort(ENDING.redundant);
    if (chosen === IMPOSSIBLE) return this.#abort(ENDING.redundant);
    if (chosen !== this.index) this.#turn.give(chosen);
    return chosen;
  }

  /** The actors that could take their next step now, as a bit mask. */
  #enabled(): number {
    let enabled = 0;
    for (let actor = 0; actor < this.#actors; actor++) {
      if (this.#control.actor(actor, ACTOR.state) === ACTOR_STATE.atGate && this.#isOpen(actor)) enabled |= 1 << actor;
    }
    return enabled;
  }

  #isOpen(actor: number): boolean {
    const { cells } = this.#memory;
    const control = this.#control;
    const guard = control.actor(actor, ACTOR.guard);
    if (guard === GUARD.always) return true;
    if (guard === GUARD.roused) return control.actor(actor, ACTOR.sleepsOn) === 0;
    const value = cells.load(control.actor(actor, ACTOR.guardCell));
    if (guard === GUARD.free) return value === 0;
    if (guard === GUARD.freeOrOwned) return value === 0 || value >>> 1 === control.actor(actor, ACTOR.guardValue);
    if (guard === GUARD.changed) return value !== control.actor(actor, ACTOR.guardValue);
    return value !== cells.load(control.actor(actor, ACTOR.guardValue));
  }

  /** Gives the execution up: everybody at a gate is let through to find that out. */
  #abort(ending: number): number {
    const control = this.#control;
    control.set(CONTROL.ending, ending);
    control.set(CONTROL.aborting, 1);
    let waiting = 0;
    for (let actor = 0; actor < this.#actors; actor++) {
      if (control.actor(actor, ACTOR.state) === ACTOR_STATE.atGate) waiting |= 1 << actor;
    }
    control.set(CONTROL.stuck, waiting);
    for (let actor = 0; actor < this.#actors; actor++) {
      if ((waiting & (1 << actor)) === 0) continue;
      // Who was never woken has nothing to give up.
      if (control.actor(actor, ACTOR.started) === 0) this.#report(ENDED_UNIT);
      else if (actor !== this.index) this.#turn.give(actor);
    }
    if ((waiting & (1 << this.index)) !== 0 && control.actor(this.index, ACTOR.started) === 1)
      throw new ExecutionAborted();
    return -1;
  }

  #endExecution(): void {
    const control = this.#control;
    for (let beginsItself = false; !beginsItself; ) {
      const phase = this.#nextPhase();
      this.#setBack();
      control.set(CONTROL.phase, phase);
      if (phase !== PHASE.exploring || control.get(CONTROL.lazy) === 0) {
        for (let actor = 0; actor < this.#actors; actor++) this.#turn.give(actor);
        if (phase !== PHASE.exploring) this.#memory.waiter.wake(control.base + CONTROL.phase, 1);
        return;
      }
      const chosen = this.#chooseNext();
      this.#chosen = chosen === this.index;
      // An execution in which nobody can take a step has ended as it began.
      beginsItself = chosen >= 0;
    }
  }

  /** Everything but what the search remembers is as at the start. */
  #setBack(): void {
    const control = this.#control;
    control.set(CONTROL.depth, 0);
    control.set(CONTROL.aborting, 0);
    control.set(CONTROL.ending, ENDING.finished);
    control.set(CONTROL.preemptions, 0);
    control.set(CONTROL.sleep, 0);
    control.set(CONTROL.arrivals, 0);
    control.set(CONTROL.writes, 0);
    control.set(CONTROL.sleepers, 0);
    const lazy = this.#allActors((actor) => control.actor(actor, ACTOR.firstKnown) === 1);
    control.set(CONTROL.lazy, lazy ? 1 : 0);
    for (let actor = 0; actor < this.#actors; actor++) {
      control.setActor(actor, ACTOR.sleepsOn, 0);
      control.setActor(actor, ACTOR.started, 0);
      control.setActor(actor, ACTOR.state, lazy ? ACTOR_STATE.atGate : ACTOR_STATE.starting);
      if (!lazy) continue;
      for (let field = 0; field < STEP_FIELDS; field++)
        control.setActor(actor, ACTOR.op + field, control.actor(actor, ACTOR.first + field));
    }
  }

  #nextPhase(): number {
    const control = this.#control;
    if (control.get(CONTROL.failure) !== FAILURE.none) return PHASE.failed;
    if (control.get(CONTROL.depth) < control.get(CONTROL.prefix)) {
      // The execution is over before the schedule that it was to follow: a token's, or else the same steps led elsewhere before.
      const tracing = control.get(CONTROL.tracing) === 1 && control.count(CONTROL.executions) === 0;
      control.set(CONTROL.failure, tracing ? FAILURE.scheduleTooLong : FAILURE.notAFunctionOfSchedule);
      const next = control.step(control.get(CONTROL.depth), STEP.chosen);
      control.set(CONTROL.failedActor, tracing ? next : UNKNOWN_ACTOR);
      return PHASE.failed;
    }
    const redundant = control.get(CONTROL.ending) === ENDING.redundant;
    control.addOne(redundant ? CONTROL.redundant : CONTROL.executions);
    control.set(CONTROL.deepest, Math.max(control.get(CONTROL.deepest), control.get(CONTROL.depth)));
    this.#executionEnded();
    if (control.get(CONTROL.failure) !== FAILURE.none) return PHASE.failed;
    if (control.get(CONTROL.ending) === ENDING.stepLimit) {
      control.set(CONTROL.endless, control.get(CONTROL.endless) + 1);
      if (control.get(CONTROL.tracing) === 0 && control.get(CONTROL.endless) >= MOST_ENDLESS) return PHASE.ended;
    }
    const limit = control.get(CONTROL.executionLimit);
    const searching = control.get(CONTROL.random) === 0 && control.get(CONTROL.tracing) === 0;
    if (searching && !this.#search.advance()) {
      control.set(CONTROL.complete, 1);
      return PHASE.ended;
    }
    const enough = limit > 0 && control.count(CONTROL.executions) + control.count(CONTROL.redundant) >= limit;
    return enough || control.get(CONTROL.stop) === 1 ? PHASE.ended : PHASE.exploring;
  }
}

/** A step as it stands in shared memory, in the order of the fields from `ACTOR.op` on. */
function fieldsOf({ op, location, writes, object, guard, guardCell, guardValue, stored }: PendingStep): number[] {
  return [
    op,
    location,
    writes ? 1 : 0,
    guard ?? GUARD.always,
    guardCell ?? 0,
    guardValue ?? 0,
    object | 0,
    stored ?? 0,
  ];
}
