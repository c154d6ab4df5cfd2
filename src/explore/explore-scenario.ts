/** The scenario that explores another: it runs in the main process of a lab, so that the supervisor keeps the terminal, the signals and the deadline. */
import { IpcError, isIpcError } from '../core/errors.ts';
import type { Lab } from '../lab/lab.ts';
import { HEADER } from '../memory/layout.ts';
import { Primitive } from '../primitives/primitive.ts';
import { FunctionResolver } from '../process/function-reference.ts';
import { findsOwnName, resolveOwnName } from '../process/own-name.ts';
import { jsonValue } from '../report/json-value.ts';
import type { ExploreReport, ReplayReport } from '../report/explore.ts';
import { type Program, type Scenario, scenario } from '../scenario/define.ts';
import { comparison, isMeantToFail } from '../scenario/grading.ts';
import { loadScenario } from '../scenario/load.ts';
import { parseParameters } from '../scenario/parameters.ts';
import { Actors } from './actors.ts';
import canary from './canary.ts';
import { explain } from './explain.ts';
import { type ExplorationOptions, type Explored, explore, type ProgramModule } from './exploration.ts';
import { OPERATIONS } from './operations.ts';
import type { Counted } from './outcomes.ts';
import { formatToken, scheduleOf } from './token.ts';
import { gradeOf, judge, outcomeOf, verdictOf } from './verdict.ts';

/** What is asked of the exploration. */
export interface ExploreRequest {
  readonly url: string;
  /** What the program is called in tokens: what was typed, for a file of the user's its path. */
  readonly named: string;
  /** Parameters of the program, as typed. */
  readonly params: Readonly<Record<string, string>>;
  readonly options: ExplorationOptions;
  /** What bounds it by request, for the verdict; null for nothing. */
  readonly bound: string | null;
  /** Which variants of a program with a lock: the one the parameters say, or without and with. */
  readonly variants: 'given' | 'both';
}

/** What an exploration reports, but for what only the supervisor knows. */
export type ExploredVariant = Omit<ExploreReport, 'version' | 'kind' | 'machine'>;
export type Replayed = Omit<ReplayReport, 'version' | 'kind' | 'machine' | 'token'>;

/** How often a token's schedule is run. */
const REPLAYS = 10;
/** The planted bug shows itself in one of the first executions; all of them, with sixteen actors, would take years. */
const CANARY_EXECUTIONS = 1000;
/** How many examples are run again before a program counts as proven, and how often. */
const REPEATED_EXAMPLES = 3;
const REPETITIONS = 20;
/** Up to so many preemptions, and in so many executions, plainer examples are looked for. */
const MOST_PLAIN = 3;
const MOST_PLAIN_EXECUTIONS = 20_000;
const CANARY_MODULE = new URL('../explore/canary.js', import.meta.url).href;

export default scenario({
  name: 'explore',
  title: 'Every interleaving of real processes',
  teaches: ['interleaving'],
  params: { request: { default: '' } },
  async run(lab, { request }) {
    const asked = JSON.parse(request) as ExploreRequest;
    const target = await load(lab, asked.url);
    refuseNoLock(target.scenario, asked.params);
    if (asked.options.schedule !== undefined)
      return among(lab, asked.options, (actors) => replay(actors, target, asked));
    const variants = variantsOf(target.scenario, asked);
    const options = { ...asked.options, timeLimitMs: asked.options.timeLimitMs / variants.length };
    // What an actor remembers of one variant must not reach the other.
    return variants.map((params) =>
      among(lab, options, (actors) => exploreVariant(actors, target, params, { ...asked, options })),
    );
  },
});

/** With actors that have not done anything yet. */
function among<T>(lab: Lab, { threads }: ExplorationOptions, use: (actors: Actors) => T): T {
  const actors = new Actors(lab, threads);
  try {
    return use(actors);
  } finally {
    actors.end();
  }
}

interface Target extends ProgramModule {
  readonly scenario: Scenario;
}

async function load(lab: Lab, url: string): Promise<Target> {
  if (!findsOwnName(url)) {
    const probe = lab.rawValue('i', 0, { name: 'own name' });
    Primitive.memoryOf(probe).cells.store(HEADER.ownName, 1);
    resolveOwnName();
  }
  const { scenario: loaded, exports } = await loadScenario(url);
  if (loaded.program === undefined) {
    throw new IpcError('ERR_IPC_SCENARIO_INVALID', `${loaded.name} has no program to explore`, {
      hint: 'Declare one with program({ shared, actors, outcome, grade }) from ipc-lab, as in docs/explorer.md, which also lists those that come with it.',
    });
  }
  const resolver = new FunctionResolver(url, exports);
  return { scenario: loaded, program: loaded.program, url, reference: (actor) => resolver.reference(actor) };
}

/** `--lock` and `--no-lock` are there for every program, but not every program has a lock to do without. */
function refuseNoLock(loaded: Scenario, typed: Readonly<Record<string, string>>): void {
  if (!('lock' in typed) || 'lock' in (loaded.params ?? {})) return;
  const { name, choices } = comparison(loaded);
  const others = choices.map((choice) => `--${name} ${choice}`).join(' and ');
  throw new IpcError(
    'ERR_IPC_BAD_PARAMETER',
    `${loaded.name} has no lock that it can do with and without`,
    others === '' ? {} : { hint: `It has ${others}.` },
  );
}

/** Parameters of each variant, as typed: for a program that can do with and without a lock, both unless one was asked for. */
function variantsOf(loaded: Scenario, { params, variants }: ExploreRequest): Readonly<Record<string, string>>[] {
  const { name, choices } = comparison(loaded);
  if (variants === 'given' || name in params || choices.length < 2) return [params];
  return choices.slice(0, 2).map((choice) => ({ ...params, [name]: choice }));
}

function exploreVariant(
  actors: Actors,
  target: Target,
  typed: Readonly<Record<string, string>>,
  { options, bound, named }: ExploreRequest,
): ExploredVariant {
  const { scenario: loaded } = target;
  const params = parseParameters(loaded.name, loaded.params ?? {}, typed);
  const explored = explore(actors, target, params, options);
  const token = (schedule: string): string =>
    formatToken(named, options.granularity, differing(loaded, params), schedule);
  const outcomes = withPlainExamples(actors, target, params, options, explored);
  const judged = judge(outcomes, (outcome) => target.program.grade(outcome, params as never), token);
  const bounds = [bound, explored.stopped].filter((each) => each !== null);
  const met = bounds.length > 0 ? bounds.join('; ') : null;
  const provable = !judged.violated && explored.complete && met === null;
  if (provable) refuseUnrepeatable(actors.lab, target, params, options, explored);
  const caught = provable ? canaryIsCaught(actors, explored.actors, options) : null;
  return {
    program: loaded.name,
    title: loaded.title,
    params,
    actors: explored.actors,
    threads: options.threads,
    model: 'SC',
    granularity: options.granularity,
    verdict: verdictOf(explored, judged.violated, met, caught),
    complete: explored.complete && met === null,
    bound: met,
    schedules: explored.schedules,
    redundant: explored.redundant,
    steps: explored.steps,
    wallMs: explored.wallMs,
    schedulesPerSec: (explored.schedules + explored.redundant) / (explored.wallMs / 1000),
    outcomes: judged.outcomes,
    deadlocks: judged.deadlocks,
    canary: caught,
    meantToFail: isMeantToFail(loaded, params),
  };
}

/**
 * Runs examples of what came out some times more, each with actors that start anew: a search compares only the steps that it dictates, and what
 * comes after the last choice may still depend on more than the schedule, as on what an actor remembers.
 * @throws IpcError `ERR_IPC_EXPLORATION_FAILED`
 */
function refuseUnrepeatable(
  lab: Lab,
  target: Target,
  params: Parameters<typeof explore>[2],
  options: ExplorationOptions,
  { outcomes }: Explored,
): void {
  for (const { label, schedule } of outcomes.slice(0, REPEATED_EXAMPLES)) {
    const again = { ...options, reduction: false, executionLimit: REPETITIONS, schedule: scheduleOf(schedule) ?? [] };
    const came = outcomesOf(() => among(lab, options, (actors) => explore(actors, target, params, again)));
    if (came.length === 1 && came[0] === label) continue;
    throw new IpcError(
      'ERR_IPC_EXPLORATION_FAILED',
      `an actor did something else when the same schedule was run again: ${came.join(', ')} came out, not ${label} alone`,
      {
        hint: 'An actor may depend on nothing but what it shares and on its index: not on time, random numbers or what it remembers.',
      },
    );
  }
}

/** What comes out of running one schedule again and again; that it cannot be followed any more is an outcome, too. */
function outcomesOf(run: () => Explored): string[] {
  try {
    return run().outcomes.map(({ label }) => label);
  } catch (error) {
    if (isIpcError(error, 'ERR_IPC_EXPLORATION_FAILED')) return [error.message];
    throw error;
  }
}

/**
 * The same outcomes, each with an example of the fewest preemptions: of the orders that lead to the same, the reduction runs one, and not always
 * the plainest. So those with few preemptions are run without it, as long as there are not too many.
 */
function withPlainExamples(
  actors: Actors,
  target: Target,
  params: Parameters<typeof explore>[2],
  options: ExplorationOptions,
  { outcomes, complete }: Explored,
): readonly Counted[] {
  if (!options.reduction || !complete || options.preemptionBound >= 0 || options.seed !== 0) return outcomes;
  let plain = outcomes;
  for (let bound = 0; bound < MOST_PLAIN && plain.some(({ preemptions }) => preemptions > bound); bound++) {
    const found = explore(actors, target, params, {
      ...options,
      reduction: false,
      preemptionBound: bound,
      executionLimit: MOST_PLAIN_EXECUTIONS,
    });
    plain = plain.map((each) => {
      const other = found.outcomes.find(({ label }) => label === each.label);
      return other === undefined || other.preemptions >= each.preemptions
        ? each
        : { ...each, schedule: other.schedule, preemptions: other.preemptions };
    });
    if (!found.complete) break;
  }
  return plain;
}

/** Whether the explorer finds a bug that is known to be there, with as many actors and the same options. */
function canaryIsCaught(actors: Actors, count: number, options: ExplorationOptions): boolean {
  const planted: ProgramModule = {
    program: canary.program as unknown as Program,
    url: CANARY_MODULE,
    reference: () => ({ module: CANARY_MODULE, name: 'increment' }),
  };
  const params = { actors: Math.max(2, count) };
  const found = explore(actors, planted, params, { ...options, executionLimit: CANARY_EXECUTIONS });
  return found.outcomes.some(({ label }) => canary.program?.grade(JSON.parse(label), params) === 'forbidden');
}

/** The parameters that are not at their defaults, as typed. */
function differing(loaded: Scenario, params: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params)
      .filter(([name, value]) => loaded.params?.[name]?.default !== value)
      .map(([name, value]) => [name, String(value)]),
  );
}

function refuseForeignActors(actors: number, schedule: readonly number[]): void {
  const foreign = schedule.find((actor) => actor >= actors);
  if (foreign === undefined) return;
  const [last, named] = [actors - 1, foreign].map((actor) => String.fromCharCode(65 + actor));
  throw new IpcError('ERR_IPC_BAD_PARAMETER', `the token names actor ${named}, and the program has A to ${last}`, {
    hint: 'Copy it from "ipc-lab explore", whole.',
  });
}

function replay(actors: Actors, target: Target, { params: typed, options }: ExploreRequest): Replayed {
  const { scenario: loaded } = target;
  const params = parseParameters(loaded.name, loaded.params ?? {}, typed);
  refuseForeignActors(target.program.actors(params as never).length, options.schedule ?? []);
  const explored = explore(actors, target, params, { ...options, executionLimit: REPLAYS });
  const [first] = explored.outcomes.toSorted((a, b) => b.count - a.count);
  const label = first?.label ?? 'null';
  const { value, isSentence } = outcomeOf(label);
  const steps = explored.trace.map((step, i) => ({
    actor: String.fromCharCode(65 + step.actor),
    operation: OPERATIONS[step.op] ?? 'STEP',
    object: step.object,
    value: step.value,
    preempts: explored.preemptions[i] ?? false,
    shared: step.shared,
  }));
  const text = isSentence ? String(value) : JSON.stringify(value);
  return {
    program: loaded.name,
    title: loaded.title,
    params,
    granularity: options.granularity,
    schedule: first?.schedule ?? '',
    outcome: jsonValue(value),
    failed: isSentence,
    grade: gradeOf(label, (outcome) => target.program.grade(outcome, params as never)),
    actors: explored.actors,
    runs: explored.schedules,
    same: first?.count ?? 0,
    sentence: explain(steps, text, isSentence),
    steps,
  };
}
