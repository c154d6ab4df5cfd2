import os from 'node:os';
import { type ErrorCode, IpcError } from '../core/errors.ts';

interface Reason {
  readonly code?: ErrorCode;
  readonly because: string;
  readonly hint: string;
}

/** What the system's errors mean for somebody who wants to map a file, by the names that all systems' errors have in Node. */
const REASONS: Readonly<Record<string, Reason>> = {
  ENOENT: {
    code: 'ERR_IPC_FILE_NOT_FOUND',
    because: 'there is no such file',
    hint: 'Check the path, or make the file by giving its size.',
  },
  EEXIST: {
    code: 'ERR_IPC_FILE_EXISTS',
    because: 'it exists already',
    hint: 'Open it without creating it, or take another name.',
  },
  EACCES: {
    because: 'permission is denied',
    hint: 'The file must be yours to read and to write, and its folders to enter.',
  },
  EPERM: { because: 'the system does not allow it', hint: 'The file must be yours to read and to write.' },
  EISDIR: { because: 'it is a directory', hint: 'Name a file in it.' },
  ENOTDIR: { because: 'a part of the path is a file, not a folder', hint: 'Check the path.' },
  EROFS: { because: 'its file system is read-only', hint: 'Copy the file to where you can write.' },
  ENOSPC: { because: 'the file system is full', hint: 'Ask for less, or free some space.' },
  EDQUOT: { because: 'your share of the file system is used up', hint: 'Ask for less, or free some space.' },
  EFBIG: { because: 'the file system has no files of that size', hint: 'Ask for less.' },
  ENOMEM: { because: 'there is no memory or address space left for it', hint: 'Map less.' },
  ENAMETOOLONG: { because: 'the name is too long', hint: 'Take a shorter one.' },
  ELOOP: { because: 'its symbolic links lead round in a circle', hint: 'Check the path.' },
  EMFILE: { because: 'this process has too many files open', hint: 'Close some, or raise the limit (ulimit -n).' },
  EIO: { because: 'the disk reports an error', hint: 'See the system log.' },
};

/** The error for a file with which something cannot be done, from the name of the system's error. */
export function fileError(intent: string, path: string, errorName: string, cause?: unknown): IpcError {
  const reason = REASONS[errorName];
  return new IpcError(
    reason?.code ?? 'ERR_IPC_FILE',
    `cannot ${intent} ${path}: ${reason?.because ?? `the system says ${errorName}`}`,
    { hint: reason?.hint, cause },
  );
}

/** As {@link fileError}, from what one of Node's own calls threw. */
export function fileErrorFrom(intent: string, path: string, thrown: unknown): unknown {
  const code: unknown = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' && code in os.constants.errno ? fileError(intent, path, code, thrown) : thrown;
}

/** The name of an error number, as in `'ENOSPC'`. */
export function errorName(errno: number): string {
  const found = Object.entries(os.constants.errno).find(([, value]) => value === errno);
  return found ? found[0] : `errno ${errno}`;
}
