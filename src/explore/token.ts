/**
 * Tokens: one schedule of one program as a short text, as in `lost-update:1:ABBA` or `lost-update:1:lock=mutex,processes=3:ABCABC`. In order: the
 * program, the version of this format, the parameters that differ from their defaults, the schedule. Letters are actors, one per step; a
 * run of the same letter may be written with its length, as in `A12B3`.
 */
import { IpcError } from '../core/errors.ts';

const VERSION = '1';

export interface Token {
  readonly program: string;
  /** Parameters as they are typed. */
  readonly params: Readonly<Record<string, string>>;
  /** Actor indices, one per step. */
  readonly schedule: readonly number[];
}

/** Writes a token. */
export function formatToken(program: string, params: Readonly<Record<string, string>>, schedule: string): string {
  const given = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  const compact = schedule.replaceAll(/(.)\1{3,}/g, (run) => `${run[0]}${run.length}`);
  return [program, VERSION, ...(given.length > 0 ? [given.join(',')] : []), compact].join(':');
}

/** Reads a token. @throws IpcError `ERR_IPC_BAD_PARAMETER` */
export function parseToken(text: string): Token {
  const parts = text.split(':');
  const [program = '', version] = parts;
  const schedule = parts.at(-1) ?? '';
  const given = parts.length === 4 ? (parts[2] ?? '') : '';
  if (parts.length < 3 || parts.length > 4 || !/^([A-P]\d*)*$/.test(schedule) || program === '')
    throw invalid(text, 'it is not of the form program:1:ABBA');
  if (version !== VERSION)
    throw invalid(text, `it is of version ${version}, and this ipc-lab reads version ${VERSION}`);
  const params = Object.fromEntries(
    given === '' ? [] : given.split(',').map((pair) => pair.split('=') as [string, string]),
  );
  const steps = [...schedule.matchAll(/([A-P])(\d*)/g)].flatMap(([, letter = 'A', count]) =>
    Array.from({ length: count === '' ? 1 : Math.min(Number(count), 4096) }, () => letter.charCodeAt(0) - 65),
  );
  return { program, params, schedule: steps };
}

function invalid(text: string, why: string): IpcError {
  return new IpcError('ERR_IPC_BAD_PARAMETER', `${JSON.stringify(text)} is no token: ${why}`, {
    hint: '"ipc-lab explore <program>" prints tokens that can be replayed.',
  });
}
