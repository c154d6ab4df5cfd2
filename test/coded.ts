/** What an error with a code looks like, for `toThrow` and `toEqual`. */
import { expect } from 'vitest';
import type { ErrorCode } from '#src/core/errors.js';

export function coded(code: ErrorCode): Error {
  return expect.objectContaining({ name: 'IpcError', code }) as Error;
}
