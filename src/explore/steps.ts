import type { IpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import type { ActorContext } from '../scenario/define.ts';
import type { Account } from './account.ts';
import { ACTOR, CONTROL, type Control, EVERYWHERE, FAILURE, GUARD } from './control.ts';
import type { Gate, PendingStep } from './gate.ts';
import type { CellStepper } from './gated-cells.ts';
import type { Stepper } from './object-gate.ts';
import { operationIndex } from './operations.ts';

/** The steps of one actor: all of them go through here, whatever takes them. */
export class Steps implements Stepper, CellStepper {
  readonly slot: number;
  readonly #control: Control;
  readonly #gate: Gate;
  readonly #account: Account;
  /** How many writes there had been when the actor's present round of looking began. */
  #roundBegan: number | undefined;

  constructor(memory: LabMemory, control: Control, gate: Gate, account: Account) {
    this.slot = memory.self;
    this.#control = control;
    this.#gate = gate;
    this.#account = account;
  }

  /** Forgets what was before: an execution begins. */
  begin(): void {
    this.#roundBegan = undefined;
  }

  /** What the actor's function gets beside its shared state. */
  get context(): ActorContext {
    return {
      index: this.#gate.index,
      step: (label) => {
        this.pass({ op: operationIndex('STEP'), location: 0, writes: false, object: 0 });
        this.note(label);
      },
      spin: () => this.#spinSince(this.#roundBegan ?? this.#control.get(CONTROL.writes)),
    };
  }

  pass(step: PendingStep): void {
    this.#gate.pass(step);
    this.#roundBegan ??= this.#control.get(CONTROL.writes);
  }

  note(value: unknown, element?: number): void {
    this.#account.note(this.#gate.index, value, element);
  }

  wroteNothing(): void {
    const control = this.#control;
    const writes = control.get(CONTROL.writes) - 1;
    control.set(CONTROL.writes, writes);
    if (this.#roundBegan !== undefined && this.#roundBegan > writes) this.#roundBegan = writes;
  }

  /** Ends the exploration: it would overlook what this actor does. */
  refuse(error: IpcError): IpcError {
    const control = this.#control;
    if (control.get(CONTROL.failure) !== FAILURE.none) return error;
    control.set(CONTROL.unseen, this.#account.blob(error.message));
    control.set(CONTROL.failedActor, this.#gate.index);
    control.set(CONTROL.failure, FAILURE.unseen);
    return error;
  }

  spin(): void {
    // Who has not looked yet has no reason to wait for a change.
    if (this.#roundBegan !== undefined) this.#spinSince(this.#roundBegan);
  }

  sleep(cell: number): void {
    const control = this.#control;
    const since = control.get(CONTROL.sleepers) + 1;
    control.set(CONTROL.sleepers, since);
    control.setActor(this.#gate.index, ACTOR.asleepSince, since);
    control.setActor(this.#gate.index, ACTOR.sleepsOn, cell);
  }

  rouse(cell: number, count: number): number {
    const control = this.#control;
    const asleep = Array.from({ length: control.get(CONTROL.actors) }, (_, actor) => actor)
      .filter((actor) => control.actor(actor, ACTOR.sleepsOn) === cell)
      .toSorted((a, b) => control.actor(a, ACTOR.asleepSince) - control.actor(b, ACTOR.asleepSince))
      .slice(0, count);
    for (const actor of asleep) control.setActor(actor, ACTOR.sleepsOn, 0);
    return asleep.length;
  }

  #spinSince(writes: number): void {
    this.#gate.pass({
      op: operationIndex('SPIN'),
      location: EVERYWHERE,
      writes: false,
      object: 0,
      guard: GUARD.changed,
      guardCell: this.#control.base + CONTROL.writes,
      guardValue: writes,
    });
    this.note('looks again');
    this.#roundBegan = undefined;
  }
}
