/**
 * The control block of an exploration, in shared memory: whose turn it is, what each actor is about to do, and the search itself.
 *
 * At any moment at most one actor runs between two gates, so whoever runs may read and write all of this plainly; handing the turn on is
 * what orders it (SYNC POINT turn). The search lives here too: the actor that ends an execution chooses the next schedule, and whoever
 * started the exploration sleeps all the while.
 *
 * ```
 * cell   0…63            the fields of CONTROL
 *       64 + 32 i        actor i: the fields of ACTOR; `go` and `asleep` on a cache line of their own
 *       STACK + 8 d      step d of the execution: the fields of STEP
 * ```
 */
import type { Cells } from '../memory/cells.ts';

export const MOST_ACTORS = 16;
/** An execution longer than this goes nowhere: a livelock, or a program too large to explore. */
export const DEEPEST = 4096;
export const MOST_OUTCOMES = 256;
/** So many executions that do not end are enough: every one of them has as many variations as it has steps. */
export const MOST_ENDLESS = 50;

export const PHASE = { exploring: 0, ended: 1, failed: 2 } as const;

export const CONTROL = {
  phase: 0,
  actors: 1,
  /** How many steps of the execution are over. */
  depth: 2,
  /** How many of its first steps the search dictates. */
  prefix: 3,
  /** 1: every gate throws, so that all actors end. */
  aborting: 4,
  /** Actors that have come to their first gate or ended without one, and 256 times those that have ended: one cell, so that one is last. */
  arrivals: 5,
  /** In a deadlock the actors that wait, as a bit mask. */
  stuck: 6,
  /** 1: the search has seen everything it was asked to see. */
  complete: 7,
  /** 1: stop after this execution. Writer: who started the exploration. */
  stop: 8,
  reduction: 9,
  /** The most preemptions of an execution; -1 for no bound. */
  preemptionBound: 10,
  /** 0: depth first; else the state of a random number generator. */
  random: 11,
  stepLimit: 12,
  /** The most executions; 0 for no bound. */
  executionLimit: 13,
  preemptions: 14,
  /** Actors whose next step leads only where another order leads too. */
  sleep: 15,
  outcomes: 16,
  /** Why the exploration failed, a FAILURE, and because of which actor. */
  failure: 17,
  failedActor: 18,
  /** Blob with what a failed actor used that cannot be seen. */
  unseen: 19,
  /** How the execution ended, an ENDING. */
  ending: 20,
  /** 1: each step is written down. */
  tracing: 21,
  trace: 22,
  /** Two cells each, Float64: executions seen to their end, and executions given up as redundant. */
  executions: 24,
  redundant: 26,
  /** The longest execution. */
  deepest: 28,
  /** Counts steps that write, so that whoever spins knows whether looking again makes sense. */
  writes: 29,
  /** Executions that reached the step limit. */
  endless: 30,
  /** 1: each access of a cell is a step, not each operation of a primitive. */
  cellSteps: 31,
  /** Counts who falls asleep, so that who slept longest is known. */
  sleepers: 32,
  /** 1: what each actor does first is known, so it need not run before the schedule chooses it. */
  lazy: 33,
  /** 1: the first forbidden outcome ends the search; 2: it has. */
  stopAtForbidden: 34,
  /** How many actors have left it, after the end of the search. */
  left: 35,
} as const;

/** In the place of a failed actor: it may have been any of them. */
export const UNKNOWN_ACTOR = -1;

export const FAILURE = {
  none: 0,
  notAFunctionOfSchedule: 1,
  scheduleImpossible: 2,
  tooManyOutcomes: 3,
  scheduleTooLong: 4,
  /** An actor used what the explorer cannot see; the field `unseen` says what. */
  unseen: 5,
} as const;
export const ENDING = { finished: 0, deadlock: 1, stepLimit: 2, redundant: 3 } as const;

export const ACTOR = {
  /** An ACTOR_STATE. */
  state: 0,
  op: 1,
  /** What the next step touches: a byte offset that two steps share when they depend on each other; 0 for nothing. */
  location: 2,
  writes: 3,
  guard: 4,
  guardCell: 5,
  guardValue: 6,
  /** Reference to the object, for people. */
  object: 7,
  /** Tells stored values apart: a STORE must store the same when the same schedule is run again. */
  stored: 8,
  /** Blob with what it threw in this execution; 0 for nothing. */
  thrown: 9,
  /** The cell on which it sleeps; 0 for none. Its steps at the granularity of cells. */
  sleepsOn: 10,
  /** When it fell asleep, counted in sleepers. */
  asleepSince: 11,
  /** 1: it has come to its first step in this execution. */
  started: 12,
  /** 1: its first step is known. */
  firstKnown: 13,
  slot: 14,
  /** Changes when it is the actor's turn. */
  go: 16,
  asleep: 17,
  /** Its first step, the same in every execution: STEP_FIELDS of the fields from `op` on. */
  first: 20,
} as const;

/** How many fields from `op` on describe a step. */
export const STEP_FIELDS = 8;

export const ACTOR_STATE = { starting: 0, atGate: 1, done: 2 } as const;

export const STEP = { enabled: 0, chosen: 1, tried: 2, sleep: 3, signature: 4, preemptions: 5 } as const;

/** When a step can be taken. */
export const GUARD = {
  always: 0,
  /** The cell is 0. */
  free: 1,
  /** The cell is 0 or holds the value's owner: a lock that its owner may take again. */
  freeOrOwned: 2,
  /** The cell differs from the one at `guardValue`. */
  differs: 3,
  /** The cell does not hold the value. */
  changed: 4,
  /** The actor sleeps no more. */
  roused: 5,
} as const;

/** The location of a step that looks at everything: it depends on every step that writes. */
export const EVERYWHERE = -1;

const ACTORS_CELL = 64;
const ACTOR_CELLS = 32;
const STACK_CELL = ACTORS_CELL + MOST_ACTORS * ACTOR_CELLS;
const STEP_CELLS = 8;
const OUTCOMES_CELL = STACK_CELL + DEEPEST * STEP_CELLS;
/** Per outcome: count (Float64), label blob, preemptions of the example, its blob. */
const OUTCOME_CELLS = 8;
const TRACE_CELL = OUTCOMES_CELL + MOST_OUTCOMES * OUTCOME_CELLS;
const CONTROL_CELLS = TRACE_CELL + DEEPEST;

export const CONTROL_BYTES = CONTROL_CELLS * 4;

/** Where the fields of a control block lie. */
export class Control {
  readonly base: number;
  readonly #cells: Cells;

  /** @param byteOffset where the block begins, at the start of a cache line */
  constructor(cells: Cells, byteOffset: number) {
    this.#cells = cells;
    this.base = byteOffset / 4;
  }

  get(field: number): number {
    return this.#cells.loadInt32(this.base + field);
  }

  set(field: number, value: number): void {
    this.#cells.storeInt32(this.base + field, value);
  }

  count(field: typeof CONTROL.executions | typeof CONTROL.redundant): number {
    return this.#cells.loadFloat64((this.base + field) / 2);
  }

  addOne(field: typeof CONTROL.executions | typeof CONTROL.redundant): void {
    this.#cells.storeFloat64((this.base + field) / 2, this.count(field) + 1);
  }

  actorCell(actor: number, field: number): number {
    return this.base + ACTORS_CELL + actor * ACTOR_CELLS + field;
  }

  actor(actor: number, field: number): number {
    return this.#cells.loadInt32(this.actorCell(actor, field));
  }

  setActor(actor: number, field: number, value: number): void {
    this.#cells.storeInt32(this.actorCell(actor, field), value);
  }

  step(depth: number, field: number): number {
    return this.#cells.loadInt32(this.base + STACK_CELL + depth * STEP_CELLS + field);
  }

  setStep(depth: number, field: number, value: number): void {
    this.#cells.storeInt32(this.base + STACK_CELL + depth * STEP_CELLS + field, value);
  }

  /** The cell with the blob that says what a step of a traced execution did. */
  traceCell(depth: number): number {
    return this.base + TRACE_CELL + depth;
  }

  /** First cell of an outcome: count (2 cells), label, preemptions, schedule. */
  outcomeCell(index: number): number {
    return this.base + OUTCOMES_CELL + index * OUTCOME_CELLS;
  }
}

/** The actors of a schedule as letters: A for the first. */
export function scheduleText(actors: readonly number[]): string {
  return actors.map((actor) => String.fromCharCode(65 + actor)).join('');
}
