/**
 * The document that `bench` produces, version 1: fields are added freely, never renamed. Rates are operations a second (unit `op/s`), times
 * milliseconds (`ms`), fairness a share from 0 to 1 (`min/max`).
 */
import type { MachineReport, REPORT_VERSION } from './run.ts';

/** What the same work costs by other means, in the same run. */
export interface PeerReport {
  readonly name: string;
  readonly p50: number;
  /** How many times better we are than it: above 1 we win. Not finite numbers are null. */
  readonly ratio: number | null;
}

export interface BenchRow {
  /** What is typed after `ipc-lab bench`. */
  readonly mechanism: string;
  /** Which way of doing it, where there are several. */
  readonly how: string | null;
  readonly processes: number;
  readonly metric: 'throughput' | 'fairness' | 'latency' | 'wall clock';
  readonly unit: 'op/s' | 'min/max' | 'ms';
  readonly better: 'higher' | 'lower';
  /** How many elements or bytes one operation touches, where that matters. */
  readonly size: number | null;
  readonly samples: number;
  readonly min: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** The closest counterpart: the first of {@link peers}. */
  readonly peer: PeerReport | null;
  /** Every way that was measured beside ours. */
  readonly peers: readonly PeerReport[];
  /** Why not to lean on this row. */
  readonly doubts: readonly string[];
}

export interface BenchReport {
  readonly version: typeof REPORT_VERSION;
  readonly kind: 'bench';
  readonly rows: readonly BenchRow[];
  /** What the rows are about, in their order. */
  readonly mechanisms: readonly { readonly name: string; readonly about: string }[];
  /** Where processes were allowed to run: wherever the system puts them, or all on one core. */
  readonly placement: 'free' | 'one core';
  /** How the peers were run, as in `Python 3.11.2 (/usr/bin/python3)`; null without one. */
  readonly python: string | null;
  readonly wallMs: number;
  readonly notes: readonly string[];
  readonly machine: MachineReport;
}
