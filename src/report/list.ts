import type { REPORT_VERSION } from './run.ts';

/** What one parameter of a scenario takes. */
export interface ParameterReport {
  readonly default: number | string | boolean;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
  /** The words to ask for it with. */
  readonly ask?: string;
  readonly about?: string;
}

export interface ScenarioReport {
  readonly name: string;
  readonly title: string;
  readonly topic: string;
  readonly teaches: readonly string[];
  readonly params: Readonly<Record<string, ParameterReport>>;
}

/** The document that `list` produces. */
export interface ListReport {
  readonly version: typeof REPORT_VERSION;
  readonly kind: 'list';
  readonly scenarios: readonly ScenarioReport[];
}
