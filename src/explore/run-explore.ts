import { type ErrorCode, ERROR_CODES, IpcError } from '../core/errors.ts';
import type { ExploreReport, Granularity, ReplayReport } from '../report/explore.ts';
import { REPORT_VERSION, type RunReport } from '../report/run.ts';
import { locateScenario } from '../scenario/catalogue.ts';
import { DEFAULT_TIMEOUT_MS, type RunOptions, runScenario } from '../scenario/run-scenario.ts';
import type { ExploredVariant, ExploreRequest, Replayed } from './explore-scenario.ts';
import { parseToken } from './token.ts';

/** What is to be explored, and how far. */
export interface ExploreOptions {
  /** A scenario's name or a file's path. */
  readonly target: string;
  readonly params: Readonly<Record<string, string>>;
  readonly granularity: Granularity;
  /** Whether the actors are threads. */
  readonly threads: boolean;
  readonly reduction: boolean;
  /** Whether to stop at the first schedule that goes wrong. */
  readonly first: boolean;
  /** The most preemptions of a schedule; -1 for no bound. */
  readonly preemptions: number;
  /** How many schedules to draw at random; 0 for all there are. */
  readonly random: number;
  readonly seed: number | undefined;
}

/** The part of the time that searching may take; starting and ending processes take the rest, on a busy machine more than that. */
const SEARCH_SHARE = 0.8;
const DEADLINE_GRACE_MS = 10_000;
const EXPLORER = new URL('../explore/explore-scenario.js', import.meta.url).href;

/**
 * Explores a program, without and with its lock where it offers both; undefined when `options.signal` ended it early.
 * @throws IpcError a mistake of the user's, `ERR_IPC_EXPLORATION_FAILED`, or what went wrong in one of its processes
 */
export async function runExplore(
  asked: ExploreOptions,
  options: RunOptions = {},
): Promise<ExploreReport[] | undefined> {
  const { target, params, granularity, threads, reduction, preemptions, random, first } = asked;
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const seed = random === 0 ? 0 : (asked.seed ?? 1 + Math.floor(Math.random() * (2 ** 31 - 1)));
  const run = await runRequest(
    {
      url: locateScenario(target),
      named: target,
      params,
      options: {
        granularity,
        threads,
        reduction,
        preemptionBound: preemptions,
        stopAtForbidden: first,
        seed,
        executionLimit: random,
        timeLimitMs: timeoutMs * SEARCH_SHARE,
      },
      bound: boundText(preemptions, random, seed),
      variants: 'both',
    },
    options,
  );
  return (run?.result as ExploredVariant[] | undefined)?.map((variant) => ({
    version: REPORT_VERSION,
    kind: 'explore',
    ...variant,
    machine: (run as RunReport).machine,
  }));
}

/** Runs the schedule of a token again; undefined when `options.signal` ended it early. @throws IpcError as {@link runExplore} */
export async function runReplay(token: string, options: RunOptions = {}): Promise<ReplayReport | undefined> {
  const { program, granularity, params, schedule } = parseToken(token);
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const run = await runRequest(
    {
      url: locateScenario(program),
      named: program,
      params,
      options: {
        granularity,
        threads: false,
        reduction: false,
        preemptionBound: -1,
        seed: 0,
        executionLimit: 0,
        timeLimitMs: timeoutMs * SEARCH_SHARE,
        schedule,
      },
      bound: null,
      variants: 'given',
    },
    options,
  );
  if (run === undefined) return undefined;
  return { version: REPORT_VERSION, kind: 'replay', token, ...(run.result as Replayed), machine: run.machine };
}

async function runRequest(request: ExploreRequest, options: RunOptions): Promise<RunReport | undefined> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  // A search ends by itself; one schedule that does not is given up.
  const graceMs = request.options.schedule === undefined ? DEADLINE_GRACE_MS : 0;
  const run = await runScenario(EXPLORER, {
    ...options,
    timeoutMs: timeoutMs + graceMs,
    params: { request: JSON.stringify(request) },
  });
  if (options.signal?.aborted === true) return undefined;
  const [first] = run.failures;
  if (first === undefined && run.result !== null) return run;
  const code = ERROR_CODES.find((known): known is ErrorCode => known === first?.code) ?? 'ERR_IPC_EXPLORATION_FAILED';
  throw new IpcError(code, first?.message ?? 'the exploration came to no result', { hint: first?.hint ?? undefined });
}

function boundText(preemptions: number, random: number, seed: number): string | null {
  const most = preemptions === 1 ? '1 preemption' : `${preemptions} preemptions`;
  const bounds = [
    ...(random > 0 ? [`${random} random schedules (seed ${seed})`] : []),
    ...(preemptions < 0 ? [] : [`at most ${most}`]),
  ];
  return bounds.length === 0 ? null : bounds.join(', ');
}
