import type { Lab } from '../lab/lab.ts';

/** A parameter of a scenario: its default says its type, the rest what it accepts. */
export type ParameterSpec =
  | {
      readonly default: number;
      readonly min?: number;
      readonly max?: number;
      readonly fraction?: boolean;
      readonly about?: string;
    }
  | { readonly default: string; readonly choices?: readonly string[]; readonly about?: string }
  | { readonly default: boolean; readonly about?: string };

export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

/** The values a scenario's functions get for its parameters. */
export type ParametersOf<P extends ParameterSpecs> = {
  readonly [K in keyof P]: P[K]['default'] extends number ? number : P[K]['default'] extends boolean ? boolean : string;
};

/** A lesson: what it is about, what it runs, and what must come out. */
export interface Scenario<P extends ParameterSpecs = ParameterSpecs, R = unknown> {
  /** Lower-case words joined by hyphens; what is typed after `ipc-lab run`. */
  readonly name: string;
  /** The lesson in one sentence. */
  readonly title: string;
  readonly teaches: readonly string[];
  readonly params?: P;
  /** Runs in the main process of a lab. It may block; its result is cloned. */
  run(lab: Lab, params: ParametersOf<P>): R | Promise<R>;
  /** What `run` must return. Without it, whatever comes is right. */
  expect?(params: ParametersOf<P>): R;
}

const BRAND = Symbol.for('ipc-lab.scenario');

/** Declares a scenario: a module's default export. */
export function scenario<const P extends ParameterSpecs, R>(definition: Scenario<P, R>): Scenario<P, R> {
  return Object.defineProperty({ ...definition }, BRAND, { value: true });
}

/** Tells whether a value was made by {@link scenario}, also by another copy of this package. */
export function isScenario(value: unknown): value is Scenario {
  return typeof value === 'object' && value !== null && BRAND in value;
}
