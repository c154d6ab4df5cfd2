import { IpcError } from './errors.ts';

/**
 * Returns `value` if it is a whole number in [min, max].
 * @throws IpcError `ERR_IPC_INVALID_ARGUMENT`, naming `what`.
 */
export function natural(what: string, value: unknown, min = 0, max = 2 ** 31 - 1): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new IpcError(
    'ERR_IPC_INVALID_ARGUMENT',
    `${what} must be a whole number from ${min} to ${max}, not ${shown(value)}`,
  );
}

/** A wrong argument as messages show it. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value === 'symbol') return String(value);
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}
