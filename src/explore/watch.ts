import { IpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import type { Condition } from '../memory/waiting.ts';
import type { Participant } from '../process/participant.ts';
import { ACTOR, ACTOR_STATE, CONTROL, type Control, PHASE, STEP } from './control.ts';

const LOOK_MS = 500;

/** Waits for what the actors do, and notices when they cannot. */
export class Watch {
  readonly #memory: LabMemory;
  readonly #control: Control;
  readonly #actors: readonly Participant[];
  readonly #patienceMs: number;

  constructor(memory: LabMemory, control: Control, actors: readonly Participant[], patienceMs: number) {
    this.#patienceMs = patienceMs;
    this.#memory = memory;
    this.#control = control;
    this.#actors = actors;
  }

  untilReady(): void {
    for (const index of this.#actors.keys()) {
      const cell = this.#control.actorCell(index, ACTOR.state);
      this.#memory.waiter.block(this.#condition(cell, (value) => value === ACTOR_STATE.done));
      this.#memory.cells.store(cell, ACTOR_STATE.starting);
    }
  }

  untilEnded(timeLimitMs: number): void {
    const { cells, waiter } = this.#memory;
    const control = this.#control;
    const phase = control.base + CONTROL.phase;
    const deadline = performance.now() + timeLimitMs;
    let progress = -1;
    let since = performance.now();
    while (
      waiter.block(
        this.#condition(phase, (value) => value !== PHASE.exploring),
        Math.min(LOOK_MS, this.#patienceMs),
      ) === undefined
    ) {
      const now = performance.now();
      if (now > deadline) control.set(CONTROL.stop, 1);
      const turns = this.#actors.reduce((sum, _, index) => sum + cells.load(control.actorCell(index, ACTOR.go)), 0);
      const done = turns + control.get(CONTROL.depth);
      if (done !== progress) since = now;
      else if (now - since > this.#patienceMs) throw this.#stuck();
      progress = done;
    }
  }

  /** After its end, an actor may still be about to look for the last time. */
  untilLeft(): void {
    const left = this.#control.base + CONTROL.left;
    this.#memory.waiter.block(this.#condition(left, (value) => value === this.#actors.length));
  }

  #condition(cell: number, met: (value: number) => boolean): Condition<true> {
    const { cells } = this.#memory;
    const condition: Condition<true> = {
      verb: 'join',
      target: this.#actors[0]?.slot ?? 0,
      cell,
      expected: 0,
      attempt: () => {
        condition.expected = cells.load(cell);
        return met(condition.expected) ? true : undefined;
      },
      check: () => {
        const ended = this.#actors.find((actor) => !actor.isAlive);
        if (ended !== undefined && !met(cells.load(cell)))
          throw failed(`${ended.name} (pid ${ended.pid}) ended in the middle of the exploration`);
      },
    };
    return condition;
  }

  #stuck(): IpcError {
    const depth = this.#control.get(CONTROL.depth);
    const actor = depth === 0 ? undefined : this.#control.step(depth - 1, STEP.chosen);
    const who = actor === undefined ? 'an actor' : `actor ${String.fromCharCode(65 + actor)}`;
    return failed(`${who} does not come to its next step: it has computed for more than ${this.#patienceMs / 1000} s`);
  }
}

/** An exploration that came to nothing because of an actor. */
export function failed(message: string): IpcError {
  return new IpcError('ERR_IPC_EXPLORATION_FAILED', message, {
    hint: 'An actor may depend on nothing but what it shares and on its index, and has to end after a bounded number of steps.',
  });
}
