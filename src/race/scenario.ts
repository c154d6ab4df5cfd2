/** A race as a scenario: what the main process does, from starting the racers to the figures. */
import { IpcError } from '../core/errors.ts';
import type { Lab } from '../lab/lab.ts';
import type { RaceRunReport, WitnessReport } from '../report/race.ts';
import { type Scenario, scenario } from '../scenario/define.ts';
import { measurePace, raceUntilLoss, roundDown, TRIAL_MS } from './adapt.ts';
import { Conductor, type RacerFunction, type Trial } from './conductor.ts';
import type { LockKinds } from './lock-kinds.ts';
import { LARGEST_COUNT, RACE_PARAMETERS } from './parameters.ts';
import { findWitness } from './witness.ts';

const PARAMETERS = {
  ...RACE_PARAMETERS,
  locks: { default: 'none,mutex', about: 'what is raced, one after the other' },
  trialMs: { default: TRIAL_MS, min: 1, fraction: true, about: 'how long a trial should take' },
  patienceMs: { default: 10_000, min: 0, fraction: true, about: 'how long to race for a loss' },
} as const;

type RaceSettings = {
  readonly [K in keyof typeof PARAMETERS]: (typeof PARAMETERS)[K]['default'] extends string ? string : number;
};

/** Without a lock a race may become so many times as long as it was meant to, until a loss is seen. */
const MOST_STRETCH = 8;
const MOST_TRIALS = 200;

/** The scenario that races these kinds; `racer` is what its module exports for the children to run. */
export function raceScenario(kinds: LockKinds, racer: RacerFunction): Scenario<typeof PARAMETERS, RaceRunReport[]> {
  return scenario({
    name: 'race',
    title: 'Processes race to increment one counter',
    teaches: ['RawValue', 'Lock', 'lost update'],
    params: PARAMETERS,
    run: (lab, settings) => runRaces(lab, kinds, racer, settings),
  });
}

function runRaces(lab: Lab, kinds: LockKinds, racer: RacerFunction, settings: RaceSettings): RaceRunReport[] {
  const locks = settings.locks.split(',');
  const conductor = new Conductor(lab, kinds, racer, settings.processes);
  const most = Math.floor(LARGEST_COUNT / settings.processes);
  // Also when the number is given: whoever has raced before races at full speed.
  const paces = locks.map((lock) => measurePace((count) => conductor.trial(lock, count), settings.trialMs, most));
  const sumOfPaces = paces.reduce((sum, pace) => sum + pace, 0);
  // The same number for each, so that they can be compared: the average takes as long as it should.
  const fitting = roundDown(Math.min(most, (settings.trialMs * locks.length) / sumOfPaces));
  let iterations = settings.iterations === 0 ? fitting : settings.iterations;
  const runs: RaceRunReport[] = [];
  for (const lock of locks) {
    const run = race(
      conductor,
      lock,
      settings,
      iterations,
      Math.min(most, Math.max(iterations, fitting * MOST_STRETCH)),
    );
    // Side by side, the same number for both.
    iterations = run.iterations;
    runs.push(run);
  }
  conductor.finish();
  return runs;
}

function race(
  conductor: Conductor,
  lock: string,
  settings: RaceSettings,
  startIterations: number,
  mostIterations: number,
): RaceRunReport {
  const { processes } = settings;
  const wantsLoss = lock === 'none' && processes > 1;
  const canary = lock === 'none' ? null : conductor.canary(lock);
  if (canary !== null && canary.caught < canary.planted) {
    throw new IpcError('ERR_IPC_INTERNAL', `a planted loss was not noticed with ${lock}: its race would prove nothing`);
  }
  const noted: { witness: WitnessReport | null } = { witness: null };
  const trial = (iterations: number, index: number): Trial => {
    const counted = conductor.trial(lock, iterations);
    if (counted.lost !== 0) noted.witness ??= witnessOf(conductor, index + 1);
    return counted;
  };
  const { iterations, trials, adapted } = raceUntilLoss(
    { iterations: startIterations, trials: settings.trials },
    {
      mostIterations,
      mostTrials: wantsLoss ? Math.max(MOST_TRIALS, settings.trials) : 0,
      budgetMs: settings.patienceMs,
    },
    trial,
  );
  const sum = (of: (each: Trial) => number): number => trials.reduce((total, each) => total + of(each), 0);
  const expected = sum((each) => each.expected);
  const lost = sum((each) => each.lost);
  const wallMs = sum((each) => each.wallMs);
  return {
    lock,
    processes,
    iterations,
    trials: trials.length,
    trialsWithLoss: trials.filter((each) => each.lost !== 0).length,
    expected,
    actual: expected - lost,
    lost,
    lostPct: (100 * lost) / expected,
    wallMs,
    opsPerSec: Math.round((expected * 1000) / wallMs),
    calibrated: settings.iterations === 0,
    adapted,
    canary,
    shares: conductor.shares(iterations),
    forced: conductor.forced(lock) ?? null,
    witness: noted.witness,
  };
}

function witnessOf(conductor: Conductor, trial: number): WitnessReport | null {
  const found = findWitness(conductor.reads());
  if (found === undefined) return null;
  const { racers } = conductor;
  const [a, b] = found.readers.map(({ process, iteration, reached, thenRead = null }) => ({
    ...(racers[process] ?? { name: 'unknown', pid: 0 }),
    increment: iteration + 1,
    reached,
    thenRead,
  }));
  return a && b ? { trial, value: found.value, wrote: found.value + 1, processes: [a, b] } : null;
}
