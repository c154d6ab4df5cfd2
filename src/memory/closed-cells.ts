import { IpcError } from '../core/errors.ts';
import type { Cells } from './cells.ts';

/**
 * Stands in for the {@link Cells} of an object that was closed: whatever is tried, the answer is `ERR_IPC_CLOSED`.
 * Putting it in place of the real ones costs an open object nothing, where a flag would cost every access a test.
 */
export function closedCells(what: string): Cells {
  const refuse = (): never => {
    throw new IpcError('ERR_IPC_CLOSED', `${what} is closed`, { hint: 'Close it only when nothing uses it any more.' });
  };
  return new Proxy({} as Cells, { get: () => refuse });
}
