/**
 * Tokens: one schedule of one program as a short text, as in `lost-update:1:ABBA` or `lost-update:1:lock=mutex,processes=3:ABCABC`. In order: the
 * program, the version of this format (with a `c` behind it where a step is an access of a cell), the parameters that differ from their
 * defaults, the schedule. Letters are actors, one per step; a
 * run of the same letter may be written with its length, as in `A12B3`. What separates parts is escaped as in an address, `%3a`.
 */
import { IpcError } from '../core/errors.ts';
import type { Granularity } from '../report/explore.ts';
import { DEEPEST } from './control.ts';

const VERSION = '1';
const CELL_MARK = 'c';

export interface Token {
  readonly program: string;
  readonly granularity: Granularity;
  /** Parameters as they are typed. */
  readonly params: Readonly<Record<string, string>>;
  /** Actor indices, one per step. */
  readonly schedule: readonly number[];
}

/** Writes a token. */
export function formatToken(
  program: string,
  granularity: Granularity,
  params: Readonly<Record<string, string>>,
  schedule: string,
): string {
  const given = Object.entries(params).map(([name, value]) => `${escaped(name)}=${escaped(value)}`);
  const compact = schedule.replaceAll(/(.)\1{3,}/g, (run) => `${run[0]}${run.length}`);
  const version = granularity === 'cell' ? VERSION + CELL_MARK : VERSION;
  return [escaped(program), version, ...(given.length > 0 ? [given.join(',')] : []), compact].join(':');
}

/** Reads a token. @throws IpcError `ERR_IPC_BAD_PARAMETER` */
export function parseToken(text: string): Token {
  const parts = text.split(':');
  const [program = '', versioned = ''] = parts;
  const [, version, mark] = /^(\d+)(c?)$/.exec(versioned) ?? [];
  if (parts.length < 3 || parts.length > 4 || program === '' || version === undefined) throw invalid(text, FORM);
  if (version !== VERSION)
    throw invalid(text, `it is of version ${version}, and this ipc-lab reads version ${VERSION}`);
  const schedule = scheduleOf(parts.at(-1) ?? '');
  const params = parts.length === 4 ? paramsOf(parts[2] ?? '') : {};
  const named = unescaped(program);
  if (schedule === undefined || params === undefined || named === undefined) throw invalid(text, FORM);
  if (schedule.length > LONGEST) throw invalid(text, `its schedule has more than ${LONGEST} steps`);
  return { program: named, granularity: mark === CELL_MARK ? 'cell' : 'operation', params, schedule };
}

const FORM = 'it is not of the form program:1:ABBA';
const LONGEST = DEEPEST - 1;

/** The actors of a schedule, one per step; undefined for what is none. */
export function scheduleOf(text: string): number[] | undefined {
  if (!/^([A-P]([1-9]\d{0,3})?)*$/.test(text)) return undefined;
  return [...text.matchAll(/([A-P])(\d*)/g)].flatMap(([, letter = 'A', count]) =>
    Array.from({ length: count === '' ? 1 : Number(count) }, () => letter.charCodeAt(0) - 65),
  );
}

function paramsOf(text: string): Record<string, string> | undefined {
  const params = new Map<string, string>();
  for (const pair of text.split(',')) {
    const [name, value, ...more] = pair.split('=').map(unescaped);
    if (name === undefined || name === '' || value === undefined || more.length > 0 || params.has(name))
      return undefined;
    params.set(name, value);
  }
  return Object.fromEntries(params);
}

/** What separates the parts of a token, and what a shell would read as more than itself, is written as its bytes. */
function escaped(text: string): string {
  return text.replaceAll(/[^\w./-]/gu, (character) =>
    Array.from(new TextEncoder().encode(character), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function invalid(text: string, why: string): IpcError {
  return new IpcError('ERR_IPC_BAD_PARAMETER', `${JSON.stringify(text)} is no token: ${why}`, {
    hint: '"ipc-lab explore <program>" prints tokens that can be replayed.',
  });
}
