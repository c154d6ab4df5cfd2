import type { Lab } from '../lab/lab.ts';
import type { FunctionReference } from '../process/function-reference.ts';
import type { Process } from '../process/process.ts';
import type { Grade } from '../report/grade.ts';

/**
 * A parameter of a scenario. Its default says its type; `min`, `max` and `choices` say what it takes, `fraction` that a number need not be
 * whole, `about` what it means.
 */
export type ParameterSpec =
  | {
      readonly default: number;
      readonly min?: number;
      readonly max?: number;
      readonly fraction?: boolean;
      readonly about?: string;
    }
  | {
      readonly default: string;
      readonly choices?: readonly string[];
      /** The words to ask for it with when it is not given: on a terminal; else what comes on standard input is the answer. */
      readonly ask?: string;
      readonly about?: string;
    }
  | { readonly default: boolean; readonly about?: string };

/** The parameters of a scenario, by name. */
export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

/** The values a scenario's functions get for its parameters. */
export type ParametersOf<P extends ParameterSpecs> = {
  readonly [K in keyof P]: P[K]['default'] extends number ? number : P[K]['default'] extends boolean ? boolean : string;
};

/** What an explored program may do beside its shared state. */
export interface ActorContext {
  /** Which of the actors this is, from 0. */
  readonly index: number;
  /** Takes a step that touches nothing shared, so that the explorer may let others run before and after it. Elsewhere it does nothing. */
  step(label: string): void;
  /**
   * Says that a loop found nothing changed and is about to look again: the explorer then lets it look only after somebody has changed something.
   * Elsewhere it pauses for a moment. A loop that waits without it is run for ever.
   */
  spin(): void;
}

/** One participant of a program: an exported function that a process runs. */
export type Actor<S, P extends ParameterSpecs> = (shared: S, context: ActorContext, params: ParametersOf<P>) => void;

/** A program small enough that every interleaving of its actors can be run. The actors may depend on nothing but what they share. */
export interface Program<P extends ParameterSpecs = ParameterSpecs, S = unknown> {
  /** Makes what the actors share. */
  shared(lab: Lab, params: ParametersOf<P>): S;
  /** The actors: exported functions, each run by a process of its own. */
  actors(params: ParametersOf<P>): readonly Actor<S, P>[];
  /** What came out, once all have ended: something JSON can hold. */
  outcome(shared: S, params: ParametersOf<P>): unknown;
  /** What that is worth. */
  grade(outcome: unknown, params: ParametersOf<P>): Grade;
  /**
   * The parameter whose choices are shown one below the other: first the one that goes wrong, then the one that does not. Where a parameter is
   * called `lock`, it is that one unless told.
   */
  readonly compare?: string;
}

/** A lesson: what it is about, what it runs, and what must come out. */
export interface Scenario<P extends ParameterSpecs = ParameterSpecs, R = unknown, S = unknown> {
  /** Lower-case words joined by hyphens; what is typed after `ipc-lab run`. */
  readonly name: string;
  /** The lesson in one sentence. */
  readonly title: string;
  /** What the lesson is about, in a few words each. */
  readonly teaches: readonly string[];
  /** What the user may give on the command line: a parameter `lineLength` is typed `--line-length`. */
  readonly params?: P;
  /** Runs in the main process of a lab. It may block, loop, or be async. Its result must be one that can be cloned. */
  run(lab: Lab, params: ParametersOf<P>): R | Promise<R>;
  /** What `ipc-lab explore` explores; the same functions that `run` runs. */
  readonly program?: Program<P, S>;
  /** What `run` must return; compared in depth. Without it every result is right. */
  expect?(params: ParametersOf<P>): R;
  /**
   * What a result of `run` is worth, where more than one may come out. A forbidden one fails the run, unless the parameters are those with which
   * it is there to go wrong: see {@link Program.compare}.
   */
  grade?(result: R, params: ParametersOf<P>): Grade;
}

const FREE_ACTOR: FunctionReference = {
  module: new URL('../scenario/free-actor.js', import.meta.url).href,
  name: 'runFreely',
};

const BRAND = Symbol.for('ipc-lab.scenario');

/** Declares a scenario: a module's default export. */
export function scenario<const P extends ParameterSpecs, R, S = unknown>(
  definition: Scenario<P, R, S>,
): Scenario<P, R, S> {
  return Object.defineProperty({ ...definition }, BRAND, { value: true });
}

/** A scenario that is a program: `run` starts its actors freely, all at once, and returns their outcome, which is graded as when it is explored. */
export function program<const P extends ParameterSpecs, S>(
  definition: Omit<Scenario<P, unknown, S>, 'run' | 'expect' | 'program'> & Program<P, S>,
): Scenario<P, unknown, S> {
  const { name, title, teaches, params, ...explored } = definition;
  return scenario<P, unknown, S>({
    name,
    title,
    teaches,
    ...(params === undefined ? {} : { params }),
    program: explored,
    run(lab, values) {
      const shared = explored.shared(lab, values);
      lab.join(explored.actors(values).map((actor, index) => startFreely(lab, actor, shared, index, values)));
      return explored.outcome(shared, values);
    },
    grade: (outcome, values) => explored.grade(outcome, values),
  });
}

function startFreely(lab: Lab, actor: unknown, shared: unknown, index: number, params: unknown): Process {
  const { module, name } = lab.reference(actor);
  const process = lab.process(FREE_ACTOR, module, name, shared, index, params);
  process.name = `${name}-${index + 1}`;
  return process.start();
}

/** Tells whether a value was made by {@link scenario}, also by another copy of this package. */
export function isScenario(value: unknown): value is Scenario {
  return typeof value === 'object' && value !== null && BRAND in value;
}
