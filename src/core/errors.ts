/**
 * Every error that ipc-lab throws on purpose. Programs match `code`; people read `message` and `hint`.
 * The codes are a closed union: adding one means adding it to `docs/errors.md` too (a test compares the two).
 */

export const ERROR_CODES = [
  'ERR_IPC_ABORTED',
  'ERR_IPC_ALREADY_STARTED',
  'ERR_IPC_BAD_PARAMETER',
  'ERR_IPC_BROKEN_BARRIER',
  'ERR_IPC_BROKEN_PIPE',
  'ERR_IPC_BUFFER_TOO_SHORT',
  'ERR_IPC_CHILD_FAILED',
  'ERR_IPC_CLOSED',
  'ERR_IPC_DEADLINE',
  'ERR_IPC_EMPTY',
  'ERR_IPC_END_OF_FILE',
  'ERR_IPC_EXPLORATION_FAILED',
  'ERR_IPC_FILE',
  'ERR_IPC_FILE_EMPTY',
  'ERR_IPC_FILE_EXISTS',
  'ERR_IPC_FILE_NOT_FOUND',
  'ERR_IPC_FILE_SHRANK',
  'ERR_IPC_FULL',
  'ERR_IPC_INTERNAL',
  'ERR_IPC_INVALID_ARGUMENT',
  'ERR_IPC_LAB_ENDING',
  'ERR_IPC_NAME_EXISTS',
  'ERR_IPC_NAME_NOT_FOUND',
  'ERR_IPC_NOBODY_LEFT',
  'ERR_IPC_NOT_CLONEABLE',
  'ERR_IPC_NOT_EXPORTED',
  'ERR_IPC_NOT_OWNER',
  'ERR_IPC_NOT_STARTED',
  'ERR_IPC_NO_SUCH_KEY',
  'ERR_IPC_NO_SUCH_MODULE',
  'ERR_IPC_NO_SUCH_SCENARIO',
  'ERR_IPC_NO_TEXT',
  'ERR_IPC_OUT_OF_MEMORY',
  'ERR_IPC_OUT_OF_RANGE',
  'ERR_IPC_OWNER_DIED',
  'ERR_IPC_RELEASED_TOO_OFTEN',
  'ERR_IPC_SCENARIO_INVALID',
  'ERR_IPC_SERVER_GONE',
  'ERR_IPC_SHUT_DOWN',
  'ERR_IPC_SPAWN_FAILED',
  'ERR_IPC_STILL_RUNNING',
  'ERR_IPC_TEXT_INVALID',
  'ERR_IPC_TEXT_TOO_LONG',
  'ERR_IPC_TIMEOUT',
  'ERR_IPC_TOO_MANY_PROCESSES',
  'ERR_IPC_UNSEEN',
  'ERR_IPC_UNSUPPORTED',
  'ERR_IPC_USAGE',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What an error may carry besides its code and its message. */
export interface ErrorDetails {
  /** What to do about it, in one sentence. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

const BRAND = Symbol.for('ipc-lab.error');

/** An error with a stable `code`, a `message` that says what failed, and a `hint` that says what to do. */
export class IpcError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.name = 'IpcError';
    this.code = code;
    this.hint = details.hint;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** So that `instanceof` holds also for an error of another copy of this package, which a process may have loaded beside the bundle. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isIpcError(value);
  }
}

/**
 * Tells whether a value is an {@link IpcError}, also one made by a second copy of this package in the same process, and, when a code is given,
 * whether it carries that code.
 */
export function isIpcError(value: unknown, code?: ErrorCode): value is IpcError {
  return typeof value === 'object' && value !== null && BRAND in value && (code === undefined || hasCode(value, code));
}

function hasCode(value: object, code: ErrorCode): boolean {
  return 'code' in value && value.code === code;
}
