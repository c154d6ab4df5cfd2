/** The document that `race` produces, version 1: fields are added freely, never renamed. Times are milliseconds. */
import type { MachineReport, REPORT_VERSION } from './run.ts';

/**
 * `as-announced`: without a lock updates were lost, with a lock none. `lock-lost-updates`: a lock lost one, which must not be.
 * `inconclusive`: without a lock none was lost, however long it was tried.
 */
export type RaceVerdict = 'as-announced' | 'lock-lost-updates' | 'inconclusive';

/** A process, as the columns of a screen name it. */
export interface RacerReport {
  readonly name: string;
  readonly pid: number;
}

/** What one process had of a race: the last trial. */
export interface ShareReport extends RacerReport {
  readonly increments: number;
  readonly wallMs: number;
  /** How often it found the counter changed by another; counted up to 8,192. */
  readonly interruptions: number;
}

export interface StepReport {
  /** Index into the processes of the hand-off. */
  readonly process: number;
  readonly action: 'load' | 'store' | 'acquire' | 'blocked' | 'release';
  /** What was loaded or stored; null for other steps. */
  readonly value: number | null;
  /** What the counter held after the step. */
  readonly counter: number;
}

/** Two processes made to take turns inside the window between load and store. */
export interface HandOffReport {
  readonly expected: number;
  readonly actual: number;
  readonly lost: number;
  /** How often it was done, and how often an update was lost. The rest tells the first. */
  readonly tries: number;
  readonly triesWithLoss: number;
  readonly processes: readonly [RacerReport, RacerReport];
  readonly steps: readonly StepReport[];
}

/** A lost update of a free-running race: two processes read the same value, and both wrote one more. */
export interface WitnessReport {
  /** In which trial; trials count from 1. */
  readonly trial: number;
  readonly value: number;
  readonly wrote: number;
  /** Who read it, in which of its increments; they count from 1. */
  readonly processes: readonly [WitnessedReport, WitnessedReport];
}

export interface WitnessedReport extends RacerReport {
  readonly increment: number;
  /** The last value it wrote before it found the counter changed by another. */
  readonly reached: number;
  /** What it found then; null when nobody interfered any more. */
  readonly thenRead: number | null;
}

/** How the number of increments was changed because nothing was lost. */
export interface AdaptationReport {
  readonly fromIterations: number;
  readonly toIterations: number;
  /** The trials before, which are not in the figures: none of them lost anything. */
  readonly trialsWithoutLoss: number;
}

/** A race without a lock or with one. `expected`, `actual`, `lost` and `wallMs` are sums over its trials. */
export interface RaceRunReport {
  /** `none`, or the kind of lock. */
  readonly lock: string;
  readonly processes: number;
  /** Increments of each process in each trial. */
  readonly iterations: number;
  readonly trials: number;
  readonly trialsWithLoss: number;
  readonly expected: number;
  readonly actual: number;
  readonly lost: number;
  readonly lostPct: number;
  /** From the first process that left the start line to the last that was done. */
  readonly wallMs: number;
  readonly opsPerSec: number;
  /** Whether the increments were chosen so that a trial takes about a second. */
  readonly calibrated: boolean;
  readonly adapted: AdaptationReport | null;
  /** A planted loss, counted in this configuration before the lock was tried; null without a lock. */
  readonly canary: { readonly planted: number; readonly caught: number } | null;
  readonly shares: readonly ShareReport[];
  /** Null where there is no window to hand over in. */
  readonly forced: HandOffReport | null;
  readonly witness: WitnessReport | null;
}

export interface RaceReport {
  readonly version: typeof REPORT_VERSION;
  readonly kind: 'race';
  readonly ok: boolean;
  readonly verdict: RaceVerdict;
  readonly runs: readonly RaceRunReport[];
  readonly wallMs: number;
  readonly machine: MachineReport;
}
