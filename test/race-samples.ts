import type { HandOffReport, RaceReport, RaceRunReport, WitnessReport } from '#src/report/race.js';

/** Reports of races as they might have come out, for tests of what is made of them. */

const A = { name: 'racer-1', pid: 4_194_303 };
const B = { name: 'racer-2', pid: 4_194_304 };

const LOST_HAND_OFF: HandOffReport = {
  expected: 2,
  actual: 1,
  lost: 1,
  tries: 10,
  triesWithLoss: 10,
  processes: [A, B],
  steps: [
    { process: 0, action: 'load', value: 0, counter: 0 },
    { process: 1, action: 'load', value: 0, counter: 0 },
    { process: 1, action: 'store', value: 1, counter: 1 },
    { process: 0, action: 'store', value: 1, counter: 1 },
  ],
};

const KEPT_HAND_OFF: HandOffReport = {
  ...LOST_HAND_OFF,
  actual: 2,
  lost: 0,
  triesWithLoss: 0,
  steps: [
    { process: 0, action: 'acquire', value: null, counter: 0 },
    { process: 0, action: 'load', value: 0, counter: 0 },
    { process: 1, action: 'blocked', value: null, counter: 0 },
    { process: 0, action: 'store', value: 1, counter: 1 },
    { process: 0, action: 'release', value: null, counter: 1 },
    { process: 1, action: 'acquire', value: null, counter: 1 },
    { process: 1, action: 'load', value: 1, counter: 1 },
    { process: 1, action: 'store', value: 2, counter: 2 },
    { process: 1, action: 'release', value: null, counter: 2 },
  ],
};

const WITNESS: WitnessReport = {
  trial: 1,
  value: 178_341_023,
  wrote: 178_341_024,
  processes: [
    { ...A, increment: 100_341_024, reached: 278_686_817, thenRead: 278_451_223 },
    { ...B, increment: 1, reached: 278_779_363, thenRead: 278_686_817 },
  ],
};

/** A race without a lock that lost updates. */
export function freeRun(changes: Partial<RaceRunReport> = {}): RaceRunReport {
  return {
    lock: 'none',
    processes: 2,
    iterations: 200_000_000,
    trials: 1,
    trialsWithLoss: 1,
    expected: 400_000_000,
    actual: 323_585_820,
    lost: 76_414_180,
    lostPct: 19.103545,
    wallMs: 101.4,
    opsPerSec: 3_944_773_175,
    calibrated: true,
    adapted: null,
    canary: null,
    shares: [
      { ...A, increments: 200_000_000, wallMs: 101.2, interruptions: 8191 },
      { ...B, increments: 200_000_000, wallMs: 100.9, interruptions: 12 },
    ],
    forced: LOST_HAND_OFF,
    witness: WITNESS,
    ...changes,
  };
}

/** A race with a lock that kept all updates. */
export function lockedRun(changes: Partial<RaceRunReport> = {}): RaceRunReport {
  return freeRun({
    lock: 'mutex',
    trialsWithLoss: 0,
    actual: 400_000_000,
    lost: 0,
    lostPct: 0,
    wallMs: 2894,
    opsPerSec: 138_217_000,
    canary: { planted: 1, caught: 1 },
    forced: KEPT_HAND_OFF,
    witness: null,
    ...changes,
  });
}

export function raceReport(
  runs: readonly RaceRunReport[],
  verdict: RaceReport['verdict'] = 'as-announced',
): RaceReport {
  return {
    version: 1,
    kind: 'race',
    ok: verdict === 'as-announced',
    verdict,
    runs,
    wallMs: 3300,
    machine: { node: 'v20', platform: 'linux/x64', cores: 2, cpu: 'some', kernel: '6' },
  };
}
