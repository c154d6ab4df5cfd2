import { IpcError } from '../core/errors.ts';
import { shown } from '../core/natural.ts';

/**
 * Calls a function and ends what is held when it is over, however it ends; if the function returns a promise, when that settles.
 * @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for what is no function; what the function throws
 */
export function during<T>(held: Disposable, critical: () => T): T {
  if (typeof critical !== 'function') {
    held[Symbol.dispose]();
    throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `with takes a function to call, not ${shown(critical)}`, {
      hint: 'As in lock.with(() => counter.value++).',
    });
  }
  let result: T;
  try {
    result = critical();
  } catch (error) {
    held[Symbol.dispose]();
    throw error;
  }
  if (result instanceof Promise) return result.finally(() => held[Symbol.dispose]()) as T;
  held[Symbol.dispose]();
  return result;
}
