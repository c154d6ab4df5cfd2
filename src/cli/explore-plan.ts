/** What was typed after `explore` and `replay`, turned into what to do. */
import type { Command } from 'commander';
import { IpcError } from '../core/errors.ts';
import type { Granularity } from '../report/explore.ts';
import { parameters, timeoutMs, wholeNumber } from './arguments.ts';

export interface ExplorePlan {
  readonly kind: 'explore';
  /** A scenario's name or a file's path. */
  readonly target: string;
  /** Parameters as typed; `lock` among them when only one variant is wanted. */
  readonly params: Readonly<Record<string, string>>;
  readonly granularity: Granularity;
  /** Whether the actors are threads. */
  readonly threads: boolean;
  readonly reduction: boolean;
  /** Stop at the first schedule that goes wrong. */
  readonly first: boolean;
  /** -1 for no bound. */
  readonly preemptions: number;
  /** How many schedules to draw at random; 0 for all. */
  readonly random: number;
  readonly seed: number | undefined;
  /** A file for the tokens. */
  readonly save: string | undefined;
  readonly timeoutMs: number | undefined;
  readonly json: boolean;
  readonly ascii: boolean;
}

export interface ReplayPlan {
  readonly kind: 'replay';
  /** Or a file with one. */
  readonly token: string;
  readonly all: boolean;
  readonly timeoutMs: number | undefined;
  readonly json: boolean;
  readonly ascii: boolean;
}

/** What commander makes of the options. */
interface ExploreFlags {
  readonly lock?: string | boolean;
  readonly granularity?: string;
  readonly threads?: boolean;
  readonly reduction?: boolean;
  readonly first?: boolean;
  readonly preemptions?: string;
  readonly random?: string;
  readonly seed?: string;
  readonly save?: string;
  readonly all?: boolean;
  readonly timeout?: string;
  readonly json?: boolean;
  readonly ascii?: boolean;
}

const MOST_PREEMPTIONS = 1000;
const MOST_RANDOM = 1e9;
const LARGEST_SEED = 2 ** 31 - 1;

/** Adds the two commands. @param argv the command line itself: whether both of two options were given is not in the flags */
export function addExplore(
  program: Command,
  argv: readonly string[],
  planned: (plan: ExplorePlan | ReplayPlan) => void,
): void {
  program
    .command('explore')
    .description('run every interleaving of a program')
    .argument('<program>', 'a name from "ipc-lab list", or the path of a file')
    .argument('[parameters...]', "the program's own parameters, as in --processes 3")
    .option('--no-lock', 'only without a lock')
    .option('--lock <kind>', 'only with that lock')
    .option('--granularity <kind>', 'a step is an "operation" (default) or each access of a "cell"')
    .option('--threads', 'the actors are threads of one process')
    .option('--no-reduction', 'also schedules that differ in nothing')
    .option('--first', 'stop at the first schedule that goes wrong')
    .option('--preemptions <count>', 'only with so many preemptions at most')
    .option('--random <count>', 'so many schedules at random, not all')
    .option('--seed <number>', 'what draws them (default: any)')
    .option('--save <file>', 'also write the tokens to a file')
    .option('--timeout <seconds>', 'stop searching after that long (default 60)')
    .option('--json', 'print one JSON document')
    .option('--ascii', 'use plain characters only')
    .allowUnknownOption()
    .action((target: string, rest: string[], flags: ExploreFlags) => {
      planned(explorePlan(target, rest, flags, argv));
    });
  program
    .command('replay')
    .description('run one interleaving again, and show it')
    .argument('<token>', 'as "ipc-lab explore" prints them, or a file of --save')
    .option('--all', 'show all steps')
    .option('--timeout <seconds>', 'give up after that long (default 60)')
    .option('--json', 'print one JSON document')
    .option('--ascii', 'use plain characters only')
    .action((token: string, flags: ExploreFlags) => {
      planned(replayPlan(token, flags));
    });
}

/** Plans an exploration. @throws IpcError `ERR_IPC_USAGE`, `ERR_IPC_BAD_PARAMETER` */
function explorePlan(
  target: string,
  rest: readonly string[],
  flags: ExploreFlags,
  argv: readonly string[],
): ExplorePlan {
  const { lock, preemptions, random, seed, reduction = true, json = false, ascii = false } = flags;
  if (argv.includes('--no-lock') && argv.some((word) => /^--lock(=|$)/.test(word))) {
    throw new IpcError('ERR_IPC_USAGE', '--no-lock and --lock exclude each other', {
      hint: 'Give neither to see both.',
    });
  }
  if (seed !== undefined && random === undefined) {
    throw new IpcError('ERR_IPC_USAGE', '--seed goes with --random', { hint: 'As in --random 1000 --seed 7' });
  }
  const variant = lock === false ? { lock: 'none' } : typeof lock === 'string' ? { lock } : {};
  return {
    kind: 'explore',
    target,
    params: { ...parameters(rest), ...variant },
    granularity: granularityOf(flags.granularity ?? 'operation'),
    threads: flags.threads ?? false,
    reduction,
    first: flags.first ?? false,
    preemptions: preemptions === undefined ? -1 : wholeNumber('preemptions', preemptions, 0, MOST_PREEMPTIONS),
    random: random === undefined ? 0 : wholeNumber('random', random, 1, MOST_RANDOM),
    seed: seed === undefined ? undefined : wholeNumber('seed', seed, 1, LARGEST_SEED),
    save: flags.save,
    timeoutMs: flags.timeout === undefined ? undefined : timeoutMs(flags.timeout),
    json,
    ascii,
  };
}

function granularityOf(typed: string): Granularity {
  if (typed === 'operation' || typed === 'cell') return typed;
  throw new IpcError('ERR_IPC_BAD_PARAMETER', `--granularity is "operation" or "cell", not ${JSON.stringify(typed)}`);
}

/** Plans a replay. @throws IpcError `ERR_IPC_BAD_PARAMETER` */
function replayPlan(token: string, { all = false, timeout, json = false, ascii = false }: ExploreFlags): ReplayPlan {
  return { kind: 'replay', token, all, timeoutMs: timeout === undefined ? undefined : timeoutMs(timeout), json, ascii };
}
