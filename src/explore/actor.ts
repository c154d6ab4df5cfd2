/** What each process of an exploration runs: one actor, execution after execution, until the search is over. */
import { IpcError } from '../core/errors.ts';
import { importModule } from '../core/import-module.ts';
import { readBlob } from '../memory/blob.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { registerPrimitives } from '../primitives/attach-table.ts';
import { Primitive } from '../primitives/primitive.ts';
import type { Queue } from '../primitives/queue.ts';
import type { RawArray } from '../primitives/raw-array.ts';
import { jsonValue } from '../report/json-value.ts';
import type { ActorContext, Scenario } from '../scenario/define.ts';
import { Account } from './account.ts';
import { ACTOR, ACTOR_STATE, CONTROL, type Control, ENDING } from './control.ts';
import { ExecutionAborted, Gate } from './gate.ts';
import { GatedCells } from './gated-cells.ts';
import { instrument } from './instrument.ts';
import { Outcomes } from './outcomes.ts';
import { Search } from './search.ts';
import { mapPrimitives } from './shared-tree.ts';
import { controlOf, type Chunks } from './session.ts';
import { Steps } from './steps.ts';
import { gradeOf } from './verdict.ts';

/** An actor of a program, and the exploration in which it is to be run. */
export interface Task {
  readonly session: RawArray;
  readonly index: number;
  /** URL of the module whose default export is the scenario. */
  readonly program: string;
  /** The actor's function: URL of its module, and its name there. */
  readonly module: string;
  readonly name: string;
  readonly shared: unknown;
  readonly params: object;
  /** What has to be as at the start before each execution. */
  readonly chunks: Chunks;
}

/** Does one task after the other, until there are no more. */
export async function act(tasks: Queue<Task | null>): Promise<void> {
  for (let task = tasks.get(); task !== null; task = tasks.get()) await run(task);
}

async function run({ session, index, program, module, name, shared, params, chunks }: Task): Promise<void> {
  const memory = Primitive.memoryOf(session);
  const { program: declared } = ((await importModule(program)) as { default: Scenario }).default;
  const actor = (
    (await importModule(module)) as Record<string, (shared: unknown, context: ActorContext, params: unknown) => unknown>
  )[name];
  if (actor === undefined || declared === undefined) throw new Error(`${module} does not export ${name}`);
  const outcomeOf = (tree: unknown): unknown => declared.outcome(tree, params as never);
  const isForbidden = (label: string): boolean => {
    try {
      return gradeOf(label, (outcome) => declared.grade(outcome, params as never)) === 'forbidden';
    } catch {
      // Whoever asked grades it again, and says what is wrong.
      return true;
    }
  };
  const control = controlOf(session);
  const performer = new ActorProcess(memory, control, index, shared, chunks, outcomeOf, isForbidden);
  performer.run((tree, context) => actor(tree, context, params));
  memory.cells.add(control.base + CONTROL.left, 1);
  memory.waiter.wake(control.base + CONTROL.left, 1);
}

class ActorProcess {
  readonly #memory: LabMemory;
  readonly #control: Control;
  readonly #index: number;
  readonly #shared: unknown;
  readonly #chunks: Chunks;
  readonly #outcomeOf: (shared: unknown) => unknown;
  readonly #isForbidden: (label: string) => boolean;
  readonly #account: Account;
  readonly #gate: Gate;
  readonly #steps: Steps;
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
    isForbidden: (label: string) => boolean,
  ) {
    this.#memory = memory;
    this.#control = control;
    this.#index = index;
    this.#shared = shared;
    this.#chunks = chunks;
    this.#outcomeOf = outcomeOf;
    this.#isForbidden = isForbidden;
    this.#account = new Account(memory, control, shared, chunks);
    this.#gate = new Gate(memory, control, index, () => this.#executionEnded());
    this.#steps = new Steps(memory, control, this.#gate, this.#account);
    this.#outcomes = new Outcomes(memory, control);
    this.#search = new Search(control);
    control.setActor(index, ACTOR.slot, memory.self);
    memory.cells.add(control.actorCell(index, ACTOR.state), ACTOR_STATE.done);
    memory.waiter.wake(control.actorCell(index, ACTOR.state), 1);
  }

  run(actor: (shared: unknown, context: ActorContext) => unknown): void {
    const sharedNow = this.#control.get(CONTROL.cellSteps) === 1 ? this.#cellwise() : this.#operationwise();
    const { context } = this.#steps;
    while (this.#gate.awaitExecution()) {
      if (this.#initial.length === 0) this.#remember();
      this.#steps.begin();
      const shared = sharedNow();
      try {
        const returned = actor(shared, context);
        if (isPromise(returned)) {
          returned.then(undefined, () => {});
          throw this.#steps.refuse(asynchronous());
        }
      } catch (error) {
        if (!(error instanceof ExecutionAborted)) this.#threw(error);
      }
      this.#gate.finish();
    }
  }

  /** What the actor gets in each execution where an operation is a step: the primitives, with a gate before each operation. */
  #operationwise(): () => unknown {
    const shared = mapPrimitives(this.#shared, (primitive) => instrument(primitive, this.#steps));
    return () => shared;
  }

  /**
   * The same where an access of a cell is a step: the primitives anew in each execution, because what a handle remembers must not reach the
   * next, on cells that have the gate. The references that it counts vanish when the memory is set back.
   */
  #cellwise(): () => unknown {
    return () => {
      const gated = new GatedCells(this.#memory.cells);
      const memory = this.#memory.behind(gated);
      registerPrimitives(memory);
      const shared = mapPrimitives(this.#shared, (primitive) => {
        const offset = this.#memory.objects.referenceOf(primitive) ?? 0;
        return memory.objects.hold(offset);
      });
      gated.stepper = this.#steps;
      return shared;
    };
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
    const text = `${this.#account.letter(this.#index)} threw ${textOf(error)}`;
    this.#control.setActor(this.#index, ACTOR.thrown, this.#account.blob(text));
  }

  /** What was thrown in this execution, by whom; forgotten with that. */
  #takeThrown(): string[] {
    return this.#account.actors().flatMap((actor) => {
      const thrown = this.#control.actor(actor, ACTOR.thrown) >>> 0;
      if (thrown === 0) return [];
      const text = new TextDecoder().decode(readBlob(this.#memory.cells, thrown));
      this.#memory.arena.free(thrown);
      this.#control.setActor(actor, ACTOR.thrown, 0);
      return [text];
    });
  }

  #executionEnded(): void {
    const control = this.#control;
    const thrown = this.#takeThrown();
    if (control.get(CONTROL.ending) !== ENDING.redundant) {
      const label = this.#label(thrown);
      this.#outcomes.count(label, () => this.#search.schedule());
      if (control.get(CONTROL.stopAtForbidden) === 1 && this.#isForbidden(label)) {
        control.set(CONTROL.stopAtForbidden, 2);
        control.set(CONTROL.stop, 1);
      }
    }
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
        ? `!deadlock: ${this.#account.whoWaits()}`
        : `!${[...thrown, `deadlock: ${this.#account.whoWaits()}`].join('; ')}`;
    }
    if (ending === ENDING.stepLimit) return `!no end: ${control.get(CONTROL.stepLimit)} steps were not enough`;
    if (thrown.length > 0) return `!${thrown.join('; ')}`;
    try {
      const outcome = this.#outcomeOf(this.#shared);
      if (isPromise(outcome)) return '!outcome() is asynchronous: what it comes to would not be seen';
      const label: string | undefined = JSON.stringify(jsonValue(outcome));
      return label ?? `!outcome() gave a ${typeof outcome}, which JSON cannot hold`;
    } catch (error) {
      return `!outcome() threw ${textOf(error)}`;
    }
  }
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
