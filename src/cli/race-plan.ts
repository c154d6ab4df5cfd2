/** What was typed after `race`, turned into what to do. */
import { IpcError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';
import { LOCK_CHOICES, LOCK_NAMES } from '../race/lock-names.ts';
import { LARGEST_COUNT, RACE_PARAMETERS } from '../race/parameters.ts';
import { parseParameters } from '../scenario/parameters.ts';

export interface RacePlan {
  readonly kind: 'race';
  /** What is raced, in that order: `none` for no lock, or a kind of lock. */
  readonly locks: readonly string[];
  readonly processes: number;
  /** Undefined: about a second of them. */
  readonly iterations: number | undefined;
  readonly trials: number;
  readonly timeoutMs: number | undefined;
  readonly large: boolean;
  readonly json: boolean;
  readonly ascii: boolean;
}

/** What commander makes of the options. */
export interface RaceFlags {
  /** False for `--no-lock`. */
  readonly lock?: string | boolean;
  readonly processes?: string;
  readonly iterations?: string;
  readonly trials?: string;
  readonly timeout?: string;
  readonly large?: boolean;
  readonly json?: boolean;
  readonly ascii?: boolean;
}

/**
 * Plans a race.
 * @param argv the command line itself: whether both of two options were given is not in the flags
 * @throws IpcError `ERR_IPC_USAGE`, `ERR_IPC_BAD_PARAMETER` when it makes no sense
 */
export function racePlan(flags: RaceFlags, argv: readonly string[], timeoutMs: number | undefined): RacePlan {
  const { lock, large = false, json = false, ascii = false } = flags;
  if (argv.includes('--no-lock') && argv.some((word) => /^--lock(=|$)/.test(word))) {
    throw new IpcError('ERR_IPC_USAGE', '--no-lock and --lock exclude each other', {
      hint: 'Give neither to see both, side by side.',
    });
  }
  const given = (['processes', 'iterations', 'trials'] as const).flatMap((name) =>
    flags[name] === undefined ? [] : [[name, flags[name]] as const],
  );
  const { processes, iterations, trials } = parseParameters(
    'race',
    RACE_PARAMETERS,
    Object.fromEntries(given),
  ) as Record<keyof typeof RACE_PARAMETERS, number>;
  if (processes * iterations > LARGEST_COUNT) {
    throw new IpcError(
      'ERR_IPC_BAD_PARAMETER',
      `${processes} times ${iterations} increments do not fit the counter, which holds up to ${LARGEST_COUNT}`,
      { hint: `Give at most --iterations ${Math.floor(LARGEST_COUNT / processes)}, and more --trials.` },
    );
  }
  return {
    kind: 'race',
    locks: lock === false ? ['none'] : typeof lock === 'string' ? [knownLock(lock)] : ['none', 'mutex'],
    processes,
    iterations: flags.iterations === undefined ? undefined : iterations,
    trials,
    timeoutMs,
    large,
    json,
    ascii,
  };
}

function knownLock(typed: string): string {
  if ((LOCK_NAMES as readonly string[]).includes(typed)) return typed;
  const meant = nearest(typed, LOCK_NAMES);
  throw new IpcError('ERR_IPC_BAD_PARAMETER', `--lock takes ${LOCK_CHOICES}, not ${JSON.stringify(typed)}`, {
    hint: meant === undefined ? undefined : `Did you mean ${meant}?`,
  });
}
