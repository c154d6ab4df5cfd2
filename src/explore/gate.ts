/**
 * The gate of an actor: before each step it says here what it is about to do and parks until the schedule lets it take that one step.
 *
 * Whoever has just taken a step chooses who is next and hands the turn over itself; nobody watches in between. Whoever waits looks at its cell for
 * a moment and then sleeps; the rules of waiting hold (no sleep without a look around).
 */
import { IpcError } from '../core/errors.ts';
import { HEADER, LAB_STATE } from '../memory/layout.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { Patience } from '../memory/patience.ts';
import { SLICE_MS } from '../memory/waiting.ts';
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
} from './control.ts';
import { IMPOSSIBLE, REDUNDANT, Search } from './search.ts';

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
}

/** Thrown by gates to end an execution that is being given up. */
export class ExecutionAborted extends Error {
  constructor() {
    super('this execution is being given up');
  }
}

const LOOKS = 4000;
const FEW_LOOKS = 50;
const PAUSE_TURNS = 16;
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
  readonly #patience: Patience;
  #seen = 0;
  #started = false;
  #over = false;

  constructor(memory: LabMemory, control: Control, index: number, executionEnded: ExecutionEnd) {
    this.index = index;
    this.#memory = memory;
    this.#control = control;
    this.#search = new Search(control);
    this.#actors = control.get(CONTROL.actors);
    this.#executionEnded = executionEnded;
    // With fewer processors than actors, who looks keeps away who could act.
    this.#patience = new Patience(this.#actors <= memory.platform.cores ? LOOKS : FEW_LOOKS);
    if (this.#actors > memory.platform.cores) memory.platform.stayOnOneProcessor();
    this.#seen = memory.cells.load(control.actorCell(index, ACTOR.go));
  }

  /** Parks until the next execution begins. False: there is none. */
  awaitExecution(): boolean {
    this.#park();
    this.#started = false;
    this.#over = this.#control.get(CONTROL.phase) !== PHASE.exploring;
    return !this.#over;
  }

  /** Parks until this step may be taken. */
  pass(step: PendingStep): void {
    const control = this.#control;
    const me = this.index;
    // Over: an asynchronous actor, refused, goes on all the same.
    if (this.#over || control.get(CONTROL.aborting) === 1) throw new ExecutionAborted();
    control.setActor(me, ACTOR.op, step.op);
    control.setActor(me, ACTOR.location, step.location);
    control.setActor(me, ACTOR.writes, step.writes ? 1 : 0);
    control.setActor(me, ACTOR.object, step.object);
    control.setActor(me, ACTOR.guard, step.guard ?? GUARD.always);
    control.setActor(me, ACTOR.guardCell, step.guardCell ?? 0);
    control.setActor(me, ACTOR.guardValue, step.guardValue ?? 0);
    control.setActor(me, ACTOR.state, ACTOR_STATE.atGate);
    if (this.#arrive() && this.#chooseNext() === me) return;
    this.#park();
    if (control.get(CONTROL.aborting) === 1) throw new ExecutionAborted();
  }

  /** This actor has no more steps in this execution. Whoever is last ends it. */
  finish(): void {
    const control = this.#control;
    control.setActor(this.index, ACTOR.state, ACTOR_STATE.done);
    const mayChoose = this.#arrive();
    if (mayChoose && control.get(CONTROL.aborting) === 0 && !this.#allDone()) this.#chooseNext();
    // Counted last: the execution must not end, and the next begin, while this actor still looks at who is to be woken.
    if (this.#report(ENDED_UNIT).ended === this.#actors) this.#endExecution();
  }

  #allDone(): boolean {
    for (let actor = 0; actor < this.#actors; actor++) {
      if (this.#control.actor(actor, ACTOR.state) !== ACTOR_STATE.done) return false;
    }
    return true;
  }

  #report(change: number): { readonly arrived: number; readonly ended: number } {
    const now = this.#memory.cells.add(this.#control.base + CONTROL.arrivals, change) + change;
    return { arrived: now % ENDED_UNIT, ended: Math.floor(now / ENDED_UNIT) };
  }

  /** At the first gate of an execution: only who comes last may go on to choose, because only then is it known what everybody wants. */
  #arrive(): boolean {
    if (this.#started) return true;
    this.#started = true;
    return this.#report(1).arrived === this.#actors;
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
    if (chosen !== this.index) this.#wake(chosen);
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
      if (actor !== this.index && (waiting & (1 << actor)) !== 0) this.#wake(actor);
    }
    if (control.actor(this.index, ACTOR.state) === ACTOR_STATE.atGate) throw new ExecutionAborted();
    return -1;
  }

  #endExecution(): void {
    const control = this.#control;
    const phase = this.#nextPhase();
    control.set(CONTROL.depth, 0);
    control.set(CONTROL.aborting, 0);
    control.set(CONTROL.ending, ENDING.finished);
    control.set(CONTROL.preemptions, 0);
    control.set(CONTROL.sleep, 0);
    control.set(CONTROL.arrivals, 0);
    control.set(CONTROL.writes, 0);
    control.set(CONTROL.sleepers, 0);
    for (let actor = 0; actor < this.#actors; actor++) {
      control.setActor(actor, ACTOR.state, ACTOR_STATE.starting);
      control.setActor(actor, ACTOR.sleepsOn, 0);
    }
    control.set(CONTROL.phase, phase);
    for (let actor = 0; actor < this.#actors; actor++) this.#wake(actor);
    if (phase !== PHASE.exploring) this.#memory.waiter.wake(control.base + CONTROL.phase, 1);
  }

  #nextPhase(): number {
    const control = this.#control;
    if (control.get(CONTROL.failure) !== FAILURE.none) return PHASE.failed;
    if (control.get(CONTROL.depth) < control.get(CONTROL.prefix)) {
      // The execution is over before the schedule that it was to follow: a token's, or else the same steps led elsewhere before.
      const tracing = control.get(CONTROL.tracing) === 1 && control.count(CONTROL.executions) === 0;
      control.set(CONTROL.failure, tracing ? FAILURE.scheduleTooLong : FAILURE.notAFunctionOfSchedule);
      control.set(CONTROL.failedActor, control.step(control.get(CONTROL.depth), STEP.chosen));
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

  /** SYNC POINT turn: what was written before is seen by who wakes. */
  #wake(actor: number): void {
    const { cells } = this.#memory;
    const go = this.#control.actorCell(actor, ACTOR.go);
    cells.add(go, 1);
    if (cells.load(go + 1) === 1) cells.wake(go, 1);
  }

  #park(): void {
    const { cells } = this.#memory;
    const go = this.#control.actorCell(this.index, ACTOR.go);
    // SYNC POINT turn
    for (let look = this.#patience.next(); look > 0; look--) {
      if (cells.backOff(go, PAUSE_TURNS) !== this.#seen) {
        this.#seen = (this.#seen + 1) | 0;
        this.#patience.learn(true);
        return;
      }
    }
    this.#patience.learn(false);
    cells.store(go + 1, 1);
    while (cells.load(go) === this.#seen) {
      cells.wait(go, this.#seen, SLICE_MS);
      if (cells.load(HEADER.state) !== LAB_STATE.running) throw new IpcError('ERR_IPC_LAB_ENDING', 'the lab is ending');
    }
    cells.store(go + 1, 0);
    this.#seen = (this.#seen + 1) | 0;
  }
}
