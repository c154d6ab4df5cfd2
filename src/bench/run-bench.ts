/**
 * Measures mechanisms and their peers, taking turns (ours, theirs, ours, theirs …), because a shared machine is fast now and slow a minute
 * later: what counts is the ratio within one run.
 */
import os from 'node:os';
import { IpcError } from '../core/errors.ts';
import { natural } from '../core/natural.ts';
import { nearest } from '../core/nearest.ts';
import type { BenchReport, BenchRow, PeerReport } from '../report/bench.ts';
import { REPORT_VERSION } from '../report/run.ts';
import { describeMachine } from '../scenario/machine.ts';
import { doubtsOfPlacement, doubtsOfPreemptions, doubtsOfSamples, doubtsOfWindow } from './doubts.ts';
import { type Mechanism, METRICS, type Sample, type SampleSettings, type Variant } from './mechanism.ts';
import { MECHANISMS } from './mechanisms.ts';
import { confineToOneCore } from './placement.ts';
import { findPython, type Python } from './python.ts';
import { summarize } from './statistics.ts';
import { timerFloorNs } from './timer.ts';

const DEFAULT_SAMPLES = 7;

export interface BenchOptions {
  /** Names of mechanisms; none means all. */
  readonly mechanisms?: readonly string[];
  readonly samples?: number;
  /** Everything on one core, ours and the peers'. */
  readonly oneCore?: boolean;
  readonly warmUpMs?: number;
  readonly windowMs?: number;
  readonly signal?: AbortSignal;
  /** Called before each measurement, with how many of how many are done. */
  readonly onProgress?: (done: number, total: number, what: string) => void;
}

/**
 * Measures, for some seconds per mechanism, and reports.
 * @throws IpcError `ERR_IPC_USAGE` for a mechanism that does not exist, `ERR_IPC_ABORTED`, `ERR_IPC_UNSUPPORTED` without a way to one core
 */
export async function runBench(options: BenchOptions = {}): Promise<BenchReport> {
  const started = performance.now();
  const chosen = chooseMechanisms(options.mechanisms ?? []);
  const samples = natural('the number of samples', options.samples ?? DEFAULT_SAMPLES, 1, 10_000);
  const { warmUpMs = 150, windowMs = 150, signal } = options;
  const restoreEnvironment = withoutExtraCertificates();
  let release = async (): Promise<void> => {};
  try {
    const python = await findPython();
    if (options.oneCore === true) release = await confineToOneCore();
    const machine = describeMachine();
    const loadAverage = os.loadavg()[0] ?? 0;
    const progress = progressOf(chosen, samples, python, options.onProgress);
    const floorNs = timerFloorNs();
    const rows: BenchRow[] = [];
    for (const mechanism of chosen) {
      for (const variant of mechanism.variants) {
        const measured = await measure(variant, python, samples, { warmUpMs, windowMs, signal }, () =>
          progress(mechanism, variant),
        );
        rows.push(...rowsOf(mechanism, variant, measured, floorNs, machine.cores));
      }
    }
    return {
      version: REPORT_VERSION,
      kind: 'bench',
      rows,
      mechanisms: chosen.map(({ name, about }) => ({ name, about })),
      placement: options.oneCore === true ? 'one core' : 'free',
      python: python === undefined ? null : `Python ${python.version} (${python.path})`,
      wallMs: performance.now() - started,
      notes: notesOn(python, loadAverage, machine.cores),
      machine,
    };
  } finally {
    await release();
    restoreEnvironment();
  }
}

interface Measured {
  readonly ours: readonly Sample[];
  readonly peers: readonly { readonly name: string; readonly samples: readonly Sample[] }[];
}

async function measure(
  variant: Variant,
  python: Python | undefined,
  samples: number,
  settings: SampleSettings,
  onSample: () => void,
): Promise<Measured> {
  const ours: Sample[] = [];
  const peers = python === undefined ? [] : variant.peers.map(({ name }) => ({ name, samples: [] as Sample[] }));
  for (let round = variant.cold === true ? -1 : 0; round < samples; round++) {
    refuseAborted(settings.signal);
    const sample = await variant.sample(settings);
    if (round >= 0) ours.push(sample);
    for (const [i, peer] of peers.entries()) {
      refuseAborted(settings.signal);
      const theirs = await variant.peers[i]?.sample(python as Python, settings);
      if (round >= 0 && theirs !== undefined) peer.samples.push(theirs);
    }
    if (round >= 0) onSample();
  }
  return { ours, peers };
}

function rowsOf(
  mechanism: Mechanism,
  variant: Variant,
  { ours, peers }: Measured,
  floorNs: number,
  cores: number,
): BenchRow[] {
  const { how = null, processes, size = null } = variant;
  return variant.metrics.map((metric) => {
    const values = valuesOf(ours, metric);
    const summary = summarize(values);
    const { unit, better } = METRICS[metric];
    const compared = peers.map(({ name, samples }): PeerReport => {
      const { p50 } = summarize(valuesOf(samples, metric));
      const ratio = better === 'higher' ? summary.p50 / p50 : p50 / summary.p50;
      return { name, p50, ratio: Number.isFinite(ratio) ? ratio : null };
    });
    const windows = ours.map(({ windowNs }) => windowNs).filter((ns) => ns !== undefined);
    const preemptions = ours
      .map(({ preemptionsPerSecond }) => preemptionsPerSecond)
      .filter((rate) => rate !== undefined);
    return {
      mechanism: mechanism.name,
      how,
      processes,
      metric,
      unit,
      better,
      size,
      ...summary,
      peer: compared[0] ?? null,
      peers: compared,
      doubts: [
        ...doubtsOfSamples({ samples: values }),
        ...peers.flatMap(({ name, samples }) => doubtsOfSamples({ whose: name, samples: valuesOf(samples, metric) })),
        ...(windows.length === 0 ? [] : doubtsOfWindow(Math.min(...windows), floorNs)),
        ...(processes > cores && variant.inTurn !== true
          ? doubtsOfPlacement(processes, cores)
          : doubtsOfPreemptions(preemptions)),
      ],
    };
  });
}

function valuesOf(samples: readonly Sample[], metric: string): number[] {
  return samples.map((sample) => {
    const value = sample[metric];
    if (value === undefined || Number.isNaN(value))
      throw new IpcError('ERR_IPC_INTERNAL', `a measurement did not give its ${metric}`);
    return value;
  });
}

function chooseMechanisms(names: readonly string[]): readonly Mechanism[] {
  const known = MECHANISMS.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    throw new IpcError('ERR_IPC_USAGE', `there is no mechanism named ${JSON.stringify(name)}`, {
      hint: `${meant === undefined ? '' : `Did you mean ${meant}? `}There are ${known.join(', ')}.`,
    });
  }
  return names.length === 0 ? MECHANISMS : MECHANISMS.filter(({ name }) => names.includes(name));
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new IpcError('ERR_IPC_ABORTED', 'the benchmark was interrupted');
}

function progressOf(
  chosen: readonly Mechanism[],
  samples: number,
  python: Python | undefined,
  onProgress: BenchOptions['onProgress'],
): (mechanism: Mechanism, variant: Variant) => void {
  const total = chosen.reduce((count, { variants }) => count + variants.length, 0) * samples;
  let done = 0;
  onProgress?.(0, total, python === undefined ? 'without Python' : `beside Python ${python.version}`);
  return ({ name }, { how, processes }) => {
    done += 1;
    onProgress?.(
      done,
      total,
      `${name}${how === undefined ? '' : `, ${how}`}${processes > 1 ? `, ${processes} processes` : ''}`,
    );
  };
}

function notesOn(python: Python | undefined, loadAverage: number, cores: number): string[] {
  const notes: string[] = [];
  if (python === undefined)
    notes.push('There is no python3 here with multiprocessing, so nothing stands beside our figures.');
  if (loadAverage > cores / 2)
    notes.push(
      `Other programs kept this machine busy (load ${loadAverage.toFixed(1)} on ${cores} cores): lean on the ratios.`,
    );
  return notes;
}

/** Node 20 reads the extra certificates at every start, 35 ms long: nothing that is measured here. Returns what puts them back. */
function withoutExtraCertificates(): () => void {
  const name = 'NODE_EXTRA_CA_CERTS';
  const before = process.env[name];
  if (before === undefined) return () => {};
  Reflect.deleteProperty(process.env, name);
  return () => {
    process.env[name] = before;
  };
}
