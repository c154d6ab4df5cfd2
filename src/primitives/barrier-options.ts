import { IpcError } from '../core/errors.ts';
import { shown } from '../core/natural.ts';
import { refuseNoTimeout } from '../memory/timeout.ts';
import type { PrimitiveOptions } from './primitive.ts';

export interface BarrierOptions extends PrimitiveOptions {
  /** How long a wait takes at most that says nothing else, in milliseconds; without it for ever. */
  readonly timeoutMs?: number | undefined;
}

export interface BarrierWaitOptions {
  /** In milliseconds. When it has passed, the barrier breaks. */
  readonly timeoutMs?: number | undefined;
  /**
   * What the last to come does before anybody goes on: each process gives its own, and of the last it is called. It must not wait for
   * the others. If it throws, the barrier breaks.
   */
  readonly action?: (() => void) | undefined;
}

/** What a wait was given. @param name what people call the barrier @throws IpcError `ERR_IPC_INVALID_ARGUMENT` */
export function checkedWait(options: BarrierWaitOptions, name: string): BarrierWaitOptions {
  if (typeof options !== 'object' || options === null) {
    throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `waiting at ${name} takes options, not ${shown(options)}`, {
      hint: 'As in barrier.wait(100) or barrier.wait({ timeoutMs: 100, action }).',
    });
  }
  const { timeoutMs, action } = options;
  refuseNoTimeout(timeoutMs);
  if (action !== undefined && typeof action !== 'function') {
    throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `the action of ${name} must be a function, not ${shown(action)}`);
  }
  return options;
}
