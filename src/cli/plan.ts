/** What was typed, turned into what to do; nothing is done here. */
import { Command, CommanderError } from 'commander';
import { IpcError } from '../core/errors.ts';
import { LOCK_CHOICES } from '../race/lock-names.ts';
import { RACE_PARAMETERS } from '../race/parameters.ts';
import { memoryBytes, parameters, sampleCount, timeoutMs } from './arguments.ts';
import { addExplore, type ExplorePlan, type ReplayPlan } from './explore-plan.ts';
import { type RaceFlags, type RacePlan, racePlan } from './race-plan.ts';
import { addMmap, type MmapPlan } from './mmap-plan.ts';

export type Plan =
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'list'; readonly json: boolean; readonly ascii: boolean }
  | DescribePlan
  | RunPlan
  | ExplorePlan
  | ReplayPlan
  | BenchPlan
  | RacePlan
  | MmapPlan;

/** Help with what was typed about a scenario. */
export interface DescribePlan {
  readonly kind: 'describe';
  /** What may be a scenario's name. */
  readonly name: string;
  /** What there is to say whatever the scenario. */
  readonly text: string;
  readonly ascii: boolean;
}

export interface RunPlan {
  readonly kind: 'run';
  /** A scenario's name, a file's path, or `all`. */
  readonly target: string;
  readonly params: Readonly<Record<string, string>>;
  readonly timeoutMs: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly json: boolean;
  readonly ascii: boolean;
}

export interface BenchPlan {
  readonly kind: 'bench';
  /** None means all. */
  readonly mechanisms: readonly string[];
  readonly samples: number | undefined;
  readonly oneCore: boolean;
  readonly json: boolean;
  /** A table for a document, instead of one for the screen. */
  readonly markdown: boolean;
  readonly ascii: boolean;
}

interface BenchFlags {
  readonly samples?: string;
  readonly oneCore?: boolean;
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly ascii?: boolean;
}

interface RunFlags {
  readonly timeout?: string;
  readonly memory?: string;
  readonly json?: boolean;
  readonly ascii?: boolean;
}

const WELCOME = `ipc-lab: processes that share memory, for real, to watch and to break

  ipc-lab run raw-counter --processes 4 --hold each
                               four processes, one counter, one lock
  ipc-lab race                 the same without the lock: updates get lost
  ipc-lab explore lost-update  every interleaving: which ones lose, and why

ipc-lab list shows all there is to run, ipc-lab --help all commands.
`;

/**
 * Plans what to do for a command line.
 * @throws IpcError `ERR_IPC_USAGE`, `ERR_IPC_BAD_PARAMETER` when it makes no sense
 */
export function plan(argv: readonly string[], version: string): Plan {
  if (argv.length === 0) return { kind: 'print', text: WELCOME };
  let planned: Plan | undefined;
  let printed = '';
  let said = '';
  const program = new Command('ipc-lab')
    .description('A laboratory for inter-process communication: real processes over real shared memory.')
    .version(version)
    .exitOverride()
    // What is right of the commands is narrower than the 40 columns from which commander would break lines.
    .configureHelp({ subcommandTerm, minWidthToWrap: 20 })
    .configureOutput({
      writeOut: (text) => {
        printed += text;
      },
      writeErr: (text) => {
        said += text;
      },
    });
  program
    .command('list')
    .description('show all scenarios by topic')
    .option('--json', 'print one JSON document')
    .option('--ascii', 'use plain characters only')
    .action(({ json = false, ascii = false }: RunFlags) => {
      planned = { kind: 'list', json, ascii };
    });
  program
    .command('run')
    .description('run a scenario, a file, or all')
    .argument('<scenario>', 'a name from "ipc-lab list", the path of a file, or all')
    .argument('[parameters...]', "the scenario's own parameters, as in --processes 4")
    .option('--timeout <seconds>', 'give up after that long (default 60)')
    .option('--memory <size>', 'size of the shared memory (default 1GiB)')
    .option('--json', 'print one JSON document')
    .option('--ascii', 'use plain characters only')
    .allowUnknownOption()
    .action((target: string, rest: string[], flags: RunFlags) => {
      if (target.startsWith('-')) {
        throw new IpcError('ERR_IPC_USAGE', `${target} stands where the scenario should be named`, {
          hint: 'Name the scenario first, its parameters after it, as in ipc-lab run raw-counter --processes 4',
        });
      }
      planned = {
        kind: 'run',
        target,
        params: parameters(rest),
        timeoutMs: flags.timeout === undefined ? undefined : timeoutMs(flags.timeout),
        memoryBytes: flags.memory === undefined ? undefined : memoryBytes(flags.memory),
        json: flags.json ?? false,
        ascii: flags.ascii ?? false,
      };
    });
  program
    .command('bench')
    .description("measure every mechanism, and Python's beside it")
    .argument('[mechanisms...]', 'only these')
    .option('--samples <count>', 'measurements of each (default 7)')
    .option('--one-core', 'ours and theirs, all on one core')
    .option('--json', 'print one JSON document')
    .option('--markdown', 'print tables for a document')
    .option('--ascii', 'use plain characters only')
    .action(
      (
        mechanisms: string[],
        { samples, oneCore = false, json = false, markdown = false, ascii = false }: BenchFlags,
      ) => {
        planned = {
          kind: 'bench',
          mechanisms,
          samples: samples === undefined ? undefined : sampleCount(samples),
          oneCore,
          json,
          markdown,
          ascii,
        };
      },
    );
  program
    .command('race')
    .description('processes race for a counter, without a lock and with one')
    .option('--no-lock', 'only without a lock')
    .option('--lock <kind>', `only with that lock: ${LOCK_CHOICES}`)
    .option('--processes <count>', `how many race, 1 to ${RACE_PARAMETERS.processes.max} (default 2)`)
    .option('--iterations <count>', 'increments of each in a trial (default: about a second of them)')
    .option('--trials <count>', 'how often they race (default 1)')
    .option('--timeout <seconds>', 'give up after that long (default 60)')
    .option('--large', 'figures that are read from the last row')
    .option('--json', 'print one JSON document')
    .option('--ascii', 'use plain characters only')
    .action((flags: RaceFlags) => {
      planned = racePlan(flags, argv, flags.timeout === undefined ? undefined : timeoutMs(flags.timeout));
    });
  addExplore(program, argv, (explored) => {
    planned = explored;
  });
  addMmap(program, (mmap) => {
    planned = mmap;
  });
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Who names a command that is a group of commands is shown them.
    if (error.exitCode === 0 || error.code === 'commander.help') return help(argv, printed || said);
    throw usageError(error.message);
  }
  if (planned === undefined) throw usageError('nothing to do');
  return planned;
}

/** Help, also with the scenario that was named, as in `run raw-counter --help`. */
function help([command = '', name = '', ...rest]: readonly string[], text: string): Plan {
  const named = (command === 'run' || command === 'explore') && name !== '' && !name.startsWith('-');
  return named ? { kind: 'describe', name, text, ascii: rest.includes('--ascii') } : { kind: 'print', text };
}

/** A command in the list of all: with what it needs, without what it may have. */
function subcommandTerm(command: Command): string {
  const needed = command.registeredArguments.filter(({ required }) => required);
  return [command.name(), ...needed.map((argument) => `<${argument.name()}>`)].join(' ');
}

/** Whether a command line asks for JSON, also when the rest of it makes no sense. */
export function wantsJson(argv: readonly string[]): boolean {
  return argv.includes('--json');
}

function usageError(message: string): IpcError {
  const text = message.replace(/^error: /, '').trim();
  const [problem = text, suggestion] = text.split('\n');
  const meant = suggestion?.replace(/^\(|\)$/g, '');
  return new IpcError('ERR_IPC_USAGE', problem, {
    hint: `${meant === undefined ? '' : `${meant} `}"ipc-lab --help" shows all commands.`,
  });
}
