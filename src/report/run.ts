/** The documents that `run` and `run all` produce, version 1: fields are added freely, never renamed. Times are milliseconds. */

import type { Grade } from './grade.ts';

export const REPORT_VERSION = 1;

export interface MachineReport {
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
  readonly cpu: string;
  readonly kernel: string;
}

export interface ProcessReport {
  readonly name: string;
  /** Of a thread that of its process. */
  readonly pid: number;
  /** It is a worker thread of the process with that pid; absent where it is a process. */
  readonly thread?: true;
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** From the request to the first line of the function it runs; null when it never got there. */
  readonly startMs: number | null;
  /** From there to the function's return; null when it did not return. */
  readonly workMs: number | null;
}

/** Something shared. Values are as JSON can hold them. */
export interface SharedReport {
  readonly name: string;
  /** As in `RawValue`. */
  readonly kind: string;
  /** The type code of a value or array, as in `i`. */
  readonly code: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

/** Why a run failed. */
export interface FailureReport {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** Name of the process in which it was thrown. */
  readonly process: string | null;
  readonly stack: string | null;
}

export interface RunReport {
  readonly version: typeof REPORT_VERSION;
  readonly kind: 'run';
  readonly scenario: string;
  readonly title: string;
  readonly ok: boolean;
  readonly result: unknown;
  readonly expected: unknown;
  /** What the result is worth, where more than one may come out; null where that is not said. */
  readonly grade: Grade | null;
  readonly params: Readonly<Record<string, unknown>>;
  readonly wallMs: number;
  readonly processes: readonly ProcessReport[];
  readonly shared: readonly SharedReport[];
  readonly failures: readonly FailureReport[];
  readonly notes: readonly string[];
  readonly machine: MachineReport;
}

export interface RunAllReport {
  readonly version: typeof REPORT_VERSION;
  readonly kind: 'run-all';
  readonly ok: boolean;
  readonly runs: readonly RunReport[];
}

export interface ErrorReport {
  readonly version: typeof REPORT_VERSION;
  readonly kind: 'error';
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}
