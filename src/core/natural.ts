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

function shown(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'bigint'
    ? JSON.stringify(String(value)).slice(1, -1)
    : typeof value;
}
