import type { Grade } from './grade.ts';
import type { MachineReport, REPORT_VERSION } from './run.ts';

/** PROVEN: every schedule was run and none is forbidden. VIOLATION: one is. INCOMPLETE: a bound was hit first. */
export type Verdict = 'PROVEN' | 'VIOLATION' | 'INCOMPLETE';

/** What a step is: an operation of a primitive, or each access of a cell of shared memory that it makes. */
export type Granularity = 'operation' | 'cell';

export interface OutcomeReport {
  /** What came out, as JSON holds it; for an execution without an outcome, a sentence. */
  readonly outcome: unknown;
  /** Whether there is no outcome: an actor threw, or there was no end. */
  readonly failed: boolean;
  readonly grade: Grade;
  readonly schedules: number;
  /** The example with the fewest preemptions, for `ipc-lab replay`. */
  readonly token: string;
  readonly preemptions: number;
}

export interface DeadlockReport {
  readonly token: string;
  /** One sentence per actor: what it waits for and who has it. */
  readonly cycle: readonly string[];
  readonly schedules: number;
}

/** The document that `explore` produces, once per variant of the program. */
export interface ExploreReport {
  readonly version: typeof REPORT_VERSION;
  readonly kind: 'explore';
  readonly program: string;
  readonly title: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly actors: number;
  /** Whether they were threads of one process. */
  readonly threads: boolean;
  /** The memory model: sequential consistency. */
  readonly model: 'SC';
  readonly granularity: Granularity;
  readonly verdict: Verdict;
  /** Whether every schedule was run. */
  readonly complete: boolean;
  /** What kept it from being complete, or what was asked to bound it; null for nothing. */
  readonly bound: string | null;
  readonly schedules: number;
  /** Executions given up because another order leads to the same. */
  readonly redundant: number;
  /** Steps of the longest execution. */
  readonly steps: number;
  readonly wallMs: number;
  readonly schedulesPerSec: number;
  readonly outcomes: readonly OutcomeReport[];
  readonly deadlocks: readonly DeadlockReport[];
  /** Whether the same explorer has found the planted bug; null when no verdict needs it. */
  readonly canary: boolean | null;
  /** Whether the program is shown going wrong on purpose: then a violation is what was announced. */
  readonly meantToFail: boolean;
  readonly machine: MachineReport;
}

/** The document of `explore` when it shows a program without and with its lock. */
export interface ExploreAllReport {
  readonly version: typeof REPORT_VERSION;
  readonly kind: 'explore-all';
  readonly ok: boolean;
  readonly explorations: readonly ExploreReport[];
}

export interface TraceStepReport {
  readonly actor: string;
  readonly operation: string;
  readonly object: string | null;
  readonly value: unknown;
  /** Whether the actor that ran before could have gone on. */
  readonly preempts: boolean;
  readonly shared: Readonly<Record<string, unknown>>;
}

/** The document that `replay` produces. */
export interface ReplayReport {
  readonly version: typeof REPORT_VERSION;
  readonly kind: 'replay';
  readonly token: string;
  readonly program: string;
  readonly title: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly granularity: Granularity;
  readonly schedule: string;
  readonly outcome: unknown;
  /** Whether there is no outcome: a deadlock, an exception, no end. Then `outcome` says why. */
  readonly failed: boolean;
  readonly grade: Grade;
  /** How many actors there are; a report of an earlier version does not say. */
  readonly actors?: number;
  /** Executions of the schedule, and how many of them came out the same. */
  readonly runs: number;
  readonly same: number;
  readonly sentence: string;
  readonly steps: readonly TraceStepReport[];
  readonly machine: MachineReport;
}
