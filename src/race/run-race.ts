import { type ErrorCode, ERROR_CODES, IpcError } from '../core/errors.ts';
import { REPORT_VERSION, type RunReport } from '../report/run.ts';
import type { RaceReport, RaceRunReport, RaceVerdict } from '../report/race.ts';
import { DEFAULT_TIMEOUT_MS, type RunOptions, runScenario } from '../scenario/run-scenario.ts';
import { TRIAL_MS } from './adapt.ts';

export interface RaceOptions {
  /** `none` or kinds of locks, in the order in which they race. */
  readonly locks: readonly string[];
  readonly processes: number;
  /** Undefined: about a second of them. */
  readonly iterations: number | undefined;
  readonly trials: number;
}

/** How long to go on racing for a loss that does not show. */
const PATIENCE_MS = 10_000;

/** The module that the processes of a race load. */
const PROGRAM = new URL('../race/program.js', import.meta.url).href;

/**
 * Races, and reports what was seen; undefined when `options.signal` ended it early.
 * @param program another module of the same shape, for tests with locks of their own
 * @throws IpcError `ERR_IPC_DEADLINE`, or what went wrong in one of its processes
 */
export async function runRace(
  race: RaceOptions,
  options: RunOptions = {},
  program = PROGRAM,
): Promise<RaceReport | undefined> {
  const { locks, processes, iterations, trials } = race;
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const run = await runScenario(program, {
    ...options,
    params: {
      locks: locks.join(','),
      processes: String(processes),
      trials: String(trials),
      ...(iterations === undefined ? {} : { iterations: String(iterations) }),
      // All trials together, and all the patience, well within the deadline.
      'trial-ms': String(Math.min(TRIAL_MS, timeoutMs / (4 * trials * locks.length))),
      'patience-ms': String(Math.min(PATIENCE_MS, timeoutMs / 4)),
    },
  });
  if (options.signal?.aborted === true) return undefined;
  refuseFailed(run);
  const runs = run.result as RaceRunReport[];
  const verdict = verdictOf(runs);
  return {
    version: REPORT_VERSION,
    kind: 'race',
    ok: verdict === 'as-announced',
    verdict,
    runs,
    wallMs: run.wallMs,
    machine: run.machine,
  };
}

/** What the figures say about what was announced. A lock that lost an update outweighs everything. */
export function verdictOf(runs: readonly Pick<RaceRunReport, 'lock' | 'lost'>[]): RaceVerdict {
  if (runs.some(({ lock, lost }) => lock !== 'none' && lost !== 0)) return 'lock-lost-updates';
  return runs.some(({ lock, lost }) => lock === 'none' && lost === 0) ? 'inconclusive' : 'as-announced';
}

function refuseFailed({ failures, result }: RunReport): void {
  const [first] = failures;
  if (first === undefined && Array.isArray(result)) return;
  const code = ERROR_CODES.find((known): known is ErrorCode => known === first?.code) ?? 'ERR_IPC_INTERNAL';
  const where = first?.process === null || first === undefined ? '' : `${first.process}: `;
  throw new IpcError(code, `${where}${first?.message ?? 'the race came to no result'}`, {
    hint: first?.hint ?? undefined,
  });
}
