/** What each process of an exploration runs: one actor, execution after execution, until the search is over. */
import { IpcError } from '../core/errors.ts';
import { readBlob, writeBlob } from '../memory/blob.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { snapshot } from '../lab/snapshot.ts';
import { OwnedLock } from '../primitives/owned-lock.ts';
import { Primitive } from '../primitives/primitive.ts';
import type { RawArray } from '../primitives/raw-array.ts';
import { SharedArray } from '../primitives/shared-array.ts';
import { SharedValue } from '../primitives/shared-value.ts';
import { jsonValue } from '../report/json-value.ts';
import type { ActorContext, Scenario } from '../scenario/define.ts';
import { ACTOR, ACTOR_STATE, CONTROL, type Control, ENDING, EVERYWHERE, FAILURE, GUARD } from './control.ts';
import { ExecutionAborted, Gate } from './gate.ts';
import { instrument, type Stepper } from './instrument.ts';
import { operationIndex } from './operations.ts';
import { Outcomes } from './outcomes.ts';
import { Search } from './search.ts';
import { mapPrimitives, primitivesIn } from './shared-tree.ts';
import { controlOf, type Chunks, type TraceStep } from './session.ts';

/** Runs actor `index` of the program in a module. `chunks` is what has to be as at the start before each execution. */
export async function act(
  session: RawArray,
  index: number,
  program: string,
  module: string,
  name: string,
  shared: unknown,
  params: Record<string, never>,
  chunks: Chunks,
): Promise<void> {
  const memory = Primitive.memoryOf(session);
  const { program: declared } = ((await import(program)) as { default: Scenario }).default;
  const run = (
    (await import(module)) as Record<string, (shared: unknown, context: ActorContext, params: unknown) => unknown>
  )[name];
  if (run === undefined || declared === undefined) throw new Error(`${module} does not export ${name}`);
  const actor = new ActorProcess(memory, controlOf(session), index, shared, chunks, (tree) =>
    declared.outcome(tree, params),
  );
  actor.run((tree, context) => run(tree, context, params));
}

class ActorProcess {
  readonly #memory: LabMemory;
  readonly #control: Control;
  readonly #index: number;
  readonly #shared: unknown;
  readonly #chunks: Chunks;
  readonly #outcomeOf: (shared: unknown) => unknown;
  readonly #gate: Gate;
  readonly #outcomes: Outcomes;
  readonly #search: Search;
  #initial: Uint8Array[] = [];

  constructor(
    memory: LabMemory,
    control: Control,
    index: number,
    shared: unknown,
    chunks: Chunks,
    outcomeOf: (shared: unknown) => unknown,
  ) {
    this.#memory = memory;
    this.#control = control;
    this.#index = index;
    this.#shared = shared;
    this.#chunks = chunks;
    this.#outcomeOf = outcomeOf;
    this.#gate = new Gate(memory, control, index, () => this.#executionEnded());
    this.#outcomes = new Outcomes(memory, control);
    this.#search = new Search(control);
    control.setActor(index, ACTOR.slot, memory.self);
    memory.cells.add(control.actorCell(index, ACTOR.state), ACTOR_STATE.done);
    memory.waiter.wake(control.actorCell(index, ACTOR.state), 1);
  }

  run(actor: (shared: unknown, context: ActorContext) => unknown): void {
    // How many writes there had been when the actor's present round of looking began.
    let roundBegan: number | undefined;
    const stepper: Stepper = {
      pass: (step) => {
        this.#gate.pass(step);
        roundBegan ??= this.#control.get(CONTROL.writes);
      },
      note: (value) => this.#note(value),
      refuse: (error) => this.#refuse(error),
      slot: this.#memory.self,
    };
    const shared = mapPrimitives(this.#shared, (primitive) => instrument(primitive, stepper));
    const context: ActorContext = {
      index: this.#index,
      step: (label) => {
        stepper.pass({ op: operationIndex('STEP'), location: 0, writes: false, object: 0 });
        stepper.note(label);
      },
      spin: () => {
        const guardValue = roundBegan ?? this.#control.get(CONTROL.writes);
        const guardCell = this.#control.base + CONTROL.writes;
        this.#gate.pass({
          op: operationIndex('SPIN'),
          location: EVERYWHERE,
          writes: false,
          object: 0,
          guard: GUARD.changed,
          guardCell,
          guardValue,
        });
        stepper.note('looks again');
        roundBegan = undefined;
      },
    };
    while (this.#gate.awaitExecution()) {
      if (this.#initial.length === 0) this.#remember();
      roundBegan = undefined;
      try {
        const returned = actor(shared, context);
        if (isPromise(returned)) {
          returned.then(undefined, () => {});
          throw this.#refuse(asynchronous());
        }
      } catch (error) {
        if (!(error instanceof ExecutionAborted)) this.#threw(error);
      }
      this.#gate.finish();
    }
  }

  /** What is shared as it is before the first execution. All actors have it by then, so that nothing but steps changes it. */
  #remember(): void {
    this.#initial = this.#chunks.map(([byteOffset, sizeBytes]) => {
      const bytes = new Uint8Array(sizeBytes);
      this.#memory.cells.copyOut(byteOffset, bytes);
      return bytes;
    });
  }

  #threw(error: unknown): void {
    const text = `${this.#letter(this.#index)} threw ${textOf(error)}`;
    this.#control.setActor(this.#index, ACTOR.thrown, this.#blob(text));
  }

  /** Ends the exploration: it would overlook what this actor does. */
  #refuse(error: IpcError): IpcError {
    if (this.#control.get(CONTROL.failure) !== FAILURE.none) return error;
    this.#control.set(CONTROL.unseen, this.#blob(error.message));
    this.#control.set(CONTROL.failedActor, this.#index);
    this.#control.set(CONTROL.failure, FAILURE.unseen);
    return error;
  }

  #blob(text: string): number {
    return writeBlob(this.#memory.cells, this.#memory.arena, new TextEncoder().encode(text));
  }

  /** What was thrown in this execution, by whom; forgotten with that. */
  #takeThrown(): string[] {
    return this.#actors().flatMap((actor) => {
      const thrown = this.#control.actor(actor, ACTOR.thrown) >>> 0;
      if (thrown === 0) return [];
      const text = new TextDecoder().decode(readBlob(this.#memory.cells, thrown));
      this.#memory.arena.free(thrown);
      this.#control.setActor(actor, ACTOR.thrown, 0);
      return [text];
    });
  }

  #actors(): number[] {
    return Array.from({ length: this.#control.get(CONTROL.actors) }, (_, actor) => actor);
  }

  #executionEnded(): void {
    const control = this.#control;
    const thrown = this.#takeThrown();
    if (control.get(CONTROL.ending) !== ENDING.redundant)
      this.#outcomes.count(this.#label(thrown), () => this.#search.schedule());
    for (const [i, [byteOffset]] of this.#chunks.entries()) {
      const bytes = this.#initial[i];
      if (bytes !== undefined) this.#memory.cells.copyIn(byteOffset, bytes);
    }
  }

  /** How the execution is counted: the outcome as JSON, or `!` and what happened instead of one. */
  #label(thrown: readonly string[]): string {
    const control = this.#control;
    const ending = control.get(CONTROL.ending);
    if (ending === ENDING.deadlock) {
      // Who threw may have kept what the others wait for: that is the cause, and comes first.
      return thrown.length === 0
        ? `!deadlock: ${this.#whoWaits()}`
        : `!${[...thrown, `deadlock: ${this.#whoWaits()}`].join('; ')}`;
    }
    if (ending === ENDING.stepLimit) return `!no end: ${control.get(CONTROL.stepLimit)} steps were not enough`;
    if (thrown.length > 0) return `!${thrown.join('; ')}`;
    try {
      return JSON.stringify(jsonValue(this.#outcomeOf(this.#shared)));
    } catch (error) {
      return `!outcome() threw ${textOf(error)}`;
    }
  }

  /** Each actor that has not ended, with what it waits for and who holds that. */
  #whoWaits(): string {
    const control = this.#control;
    return this.#actors()
      .filter((actor) => (control.get(CONTROL.stuck) & (1 << actor)) !== 0)
      .map((actor) => {
        if (control.actor(actor, ACTOR.location) === EVERYWHERE)
          return `${this.#letter(actor)} spins, and nobody changes anything`;
        const object = this.#objectOf(actor);
        const lock = object === undefined ? undefined : lockOf(object);
        const holder = lock instanceof OwnedLock ? this.#actorOfSlot(lock.ownerSlot) : undefined;
        return `${this.#letter(actor)} waits for ${object?.name ?? 'something'}${holder === undefined ? '' : `, which ${this.#letter(holder)} holds`}`;
      })
      .join('; ');
  }

  /** What an actor's next or last step is about. The lock of a value is not itself among what is shared. */
  #objectOf(actor: number): Primitive | undefined {
    const reference = this.#control.actor(actor, ACTOR.object) >>> 0;
    return primitivesIn(this.#shared)
      .flatMap((primitive) => [primitive, lockOf(primitive)])
      .find((primitive) => this.#offset(primitive) === reference);
  }

  #offset(primitive: Primitive): number {
    return this.#memory.objects.referenceOf(primitive) ?? 0;
  }

  #actorOfSlot(slot: number): number | undefined {
    for (let actor = 0; actor < this.#control.get(CONTROL.actors); actor++) {
      if (this.#control.actor(actor, ACTOR.slot) === slot) return actor;
    }
    return undefined;
  }

  #letter(actor: number): string {
    return String.fromCharCode(65 + actor);
  }

  /** Writes a step down for a replay: what it did, and what is shared after it. */
  #note(value: unknown): void {
    const control = this.#control;
    if (control.get(CONTROL.tracing) === 0) return;
    const object = this.#objectOf(this.#index);
    const step: TraceStep = {
      actor: this.#index,
      op: control.actor(this.#index, ACTOR.op),
      object: object?.name ?? null,
      value: jsonValue(value),
      shared: Object.fromEntries(
        primitivesIn(this.#shared).map((primitive) => [primitive.name, jsonValue(snapshot(primitive))]),
      ),
    };
    const cell = control.traceCell(control.get(CONTROL.depth) - 1);
    const old = this.#memory.cells.loadInt32(cell) >>> 0;
    if (old !== 0) this.#memory.arena.free(old);
    this.#memory.cells.storeInt32(cell, this.#memory.put(step, 'a step'));
  }
}

/** What is to be held for using a primitive: the lock of a shared value or array, else itself. */
function lockOf(primitive: Primitive): Primitive {
  return primitive instanceof SharedValue || primitive instanceof SharedArray ? primitive.getLock() : primitive;
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function isPromise(returned: unknown): returned is PromiseLike<unknown> {
  return typeof returned === 'object' && returned !== null && 'then' in returned && typeof returned.then === 'function';
}

function asynchronous(): IpcError {
  return new IpcError(
    'ERR_IPC_UNSEEN',
    'an explored program cannot have asynchronous actors: what they do after an await would not be seen',
  );
}
