/** The values of arguments, read from what was typed. All throw `ERR_IPC_BAD_PARAMETER` or `ERR_IPC_USAGE`. */
import { IpcError } from '../core/errors.ts';
import { LARGEST_LAB_BYTES, SMALLEST_LAB_BYTES } from '../memory/layout.ts';

/** `--processes 4 --hold=each --verbose` as flag to text; a flag without a value has the text ''. */
export function parameters(rest: readonly string[]): Record<string, string> {
  const params = new Map<string, string>();
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? '';
    const match = /^--([^=]+)(?:=(.*))?$/s.exec(word);
    if (match === null) {
      throw new IpcError('ERR_IPC_USAGE', `unexpected argument ${JSON.stringify(word)}`, {
        hint: 'Parameters are given by name, as in --processes 4.',
      });
    }
    const [, flag = '', inline] = match;
    if (params.has(flag)) throw new IpcError('ERR_IPC_BAD_PARAMETER', `--${flag} is given twice`);
    const next = rest[i + 1];
    if (inline === undefined && next !== undefined && !next.startsWith('--')) i++;
    params.set(flag, inline ?? (next === undefined || next.startsWith('--') ? '' : next));
  }
  return Object.fromEntries(params);
}

const MOST_SAMPLES = 10_000;

/** A number of samples. */
export function sampleCount(text: string): number {
  const count = /^\d+$/.test(text.trim()) ? Number(text) : 0;
  if (count >= 1 && count <= MOST_SAMPLES) return count;
  throw new IpcError(
    'ERR_IPC_BAD_PARAMETER',
    `--samples takes a whole number from 1 to ${MOST_SAMPLES}, not ${JSON.stringify(text)}`,
  );
}

const LONGEST_TIMEOUT_S = 24 * 3600;

/** Seconds, in milliseconds. */
export function timeoutMs(text: string): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text);
  if (seconds > 0 && seconds <= LONGEST_TIMEOUT_S) return seconds * 1000;
  throw new IpcError(
    'ERR_IPC_BAD_PARAMETER',
    `--timeout takes seconds, more than 0 and at most ${LONGEST_TIMEOUT_S}, not ${JSON.stringify(text)}`,
  );
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** A size, as in 512MiB. */
export function memoryBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?$/i.exec(text.trim());
  const bytes =
    match === null ? Number.NaN : Math.round(Number(match[1]) * (UNITS[(match[2] ?? '').toLowerCase()] ?? Number.NaN));
  if (bytes >= SMALLEST_LAB_BYTES && bytes <= LARGEST_LAB_BYTES) return bytes;
  throw new IpcError(
    'ERR_IPC_BAD_PARAMETER',
    `--memory takes a size from 1MiB to just under 4GiB, not ${JSON.stringify(text)}`,
  );
}

/** A whole number in a range. */
export function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const value = /^\d+(e\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new IpcError(
    'ERR_IPC_BAD_PARAMETER',
    `--${flag} takes a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`,
  );
}
