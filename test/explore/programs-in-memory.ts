/** Programs given as data, to hold the search against a brute-force enumeration without any process. */
import { ACTOR, CONTROL, CONTROL_BYTES, Control } from '#src/explore/control.js';
import { REDUNDANT, Search } from '#src/explore/search.js';
import type { LabMemory } from '#src/memory/lab-memory.js';

/** A step of an actor: into or out of its only register, or of a lock. */
export interface Step {
  readonly kind: 'load' | 'store' | 'lock' | 'unlock';
  readonly place: number;
}

export type Actors = readonly (readonly Step[])[];

/** An execution: who took each step, and what was left behind. */
export interface Execution {
  readonly schedule: string;
  readonly state: string;
}

/** What the actors have done so far. */
class Machine {
  readonly #actors: Actors;
  readonly #next: number[];
  readonly #registers: number[];
  readonly #places = new Map<number, number>();
  readonly #locks = new Map<number, number>();

  constructor(actors: Actors) {
    this.#actors = actors;
    this.#next = actors.map(() => 0);
    this.#registers = actors.map(() => 0);
  }

  pending(actor: number): Step | undefined {
    return this.#actors[actor]?.[this.#next[actor] ?? 0];
  }

  get enabled(): number[] {
    return this.#actors.flatMap((_, actor) => {
      const step = this.pending(actor);
      return step === undefined || (step.kind === 'lock' && this.#locks.has(step.place)) ? [] : [actor];
    });
  }

  take(actor: number): void {
    const step = this.pending(actor);
    if (step === undefined) throw new Error(`actor ${actor} has ended`);
    this.#next[actor] = (this.#next[actor] ?? 0) + 1;
    if (step.kind === 'load') this.#registers[actor] = this.#places.get(step.place) ?? 0;
    // Whoever stores leaves a trace of itself and of what it has read.
    if (step.kind === 'store')
      this.#places.set(step.place, ((this.#registers[actor] ?? 0) * 31 + actor + 1) % 1_000_003);
    if (step.kind === 'lock') this.#locks.set(step.place, actor);
    if (step.kind === 'unlock') this.#locks.delete(step.place);
  }

  get state(): string {
    const ended = this.#actors.every((_, actor) => this.pending(actor) === undefined);
    const places = [...this.#places].toSorted(([a], [b]) => a - b);
    return ended ? JSON.stringify([places, this.#registers]) : 'deadlock';
  }
}

/** All executions of a program. */
export function bruteForce(actors: Actors): Execution[] {
  const found: Execution[] = [];
  const follow = (schedule: readonly number[]): void => {
    const machine = new Machine(actors);
    for (const actor of schedule) machine.take(actor);
    const { enabled } = machine;
    if (enabled.length === 0) found.push({ schedule: schedule.join(''), state: machine.state });
    for (const actor of enabled) follow([...schedule, actor]);
  };
  follow([]);
  return found;
}

/** How often an execution leaves an actor that could have gone on. */
export function preemptionsOf(actors: Actors, schedule: string): number {
  const machine = new Machine(actors);
  let count = 0;
  let previous: number | undefined;
  for (const actor of Array.from(schedule, Number)) {
    if (previous !== undefined && previous !== actor && machine.enabled.includes(previous)) count++;
    machine.take(actor);
    previous = actor;
  }
  return count;
}

export interface SearchOptions {
  readonly reduction?: boolean;
  readonly preemptionBound?: number;
  readonly seed?: number;
  /** How many random schedules. */
  readonly draws?: number;
}

/** Lets the search that ships explore the program, and returns the executions that it led to their end. */
export function searched(memory: LabMemory, actors: Actors, options: SearchOptions = {}): Execution[] {
  const { reduction = false, preemptionBound = -1, seed = 0, draws = 0 } = options;
  const offset = memory.arena.allocate(CONTROL_BYTES);
  const control = new Control(memory.cells, offset);
  for (let cell = 0; cell < CONTROL_BYTES / 4; cell++) control.set(cell, 0);
  control.set(CONTROL.actors, actors.length);
  control.set(CONTROL.reduction, reduction ? 1 : 0);
  control.set(CONTROL.preemptionBound, preemptionBound);
  control.set(CONTROL.random, seed);
  const search = new Search(control);
  const found: Execution[] = [];
  do {
    for (const field of [CONTROL.depth, CONTROL.preemptions, CONTROL.sleep, CONTROL.writes]) control.set(field, 0);
    const execution = execute(search, control, actors);
    if (execution !== undefined) found.push(execution);
  } while (seed === 0 ? search.advance() : found.length < draws);
  memory.arena.free(offset);
  return found;
}

/** One execution as the gates would drive it; undefined when it was given up. */
function execute(search: Search, control: Control, actors: Actors): Execution | undefined {
  const machine = new Machine(actors);
  for (;;) {
    const { enabled } = machine;
    if (enabled.length === 0) return { schedule: search.schedule().join(''), state: machine.state };
    for (const actor of actors.keys()) announce(control, actor, machine.pending(actor));
    const chosen = search.choose(enabled.reduce((mask, actor) => mask | (1 << actor), 0));
    if (chosen === REDUNDANT) return undefined;
    if (chosen < 0) throw new Error(`the search failed with ${control.get(CONTROL.failure)}`);
    machine.take(chosen);
  }
}

const KINDS = ['load', 'store', 'lock', 'unlock'];

function announce(control: Control, actor: number, step: Step | undefined): void {
  if (step === undefined) return;
  const isLock = step.kind === 'lock' || step.kind === 'unlock';
  control.setActor(actor, ACTOR.op, KINDS.indexOf(step.kind));
  control.setActor(actor, ACTOR.location, 64 * (1 + step.place) + (isLock ? 1024 : 0));
  control.setActor(actor, ACTOR.writes, step.kind === 'load' ? 0 : 1);
}
