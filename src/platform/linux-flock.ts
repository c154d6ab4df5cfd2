/**
 * Advisory locks of files, by flock(2): they belong to the open file description, so two descriptors that were opened apart conflict also within
 * one process, and the kernel frees them with the last descriptor, however its process ended.
 */
import koffi from 'koffi';
import { IpcError } from '../core/errors.ts';
import { errorName } from './file-error.ts';
import { bindFunctions } from './foreign.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;
const EINTR = 4;
const EAGAIN = 11;

let flock: ((descriptor: number, operation: number) => unknown) | undefined;

/** Zero, or the number of the error. Binds the call when it is first needed. */
function call(descriptor: number, operation: number): number {
  flock ??= bindFunctions((libc) => libc.func('int flock(int descriptor, int operation)'));
  for (;;) {
    if (flock(descriptor, operation) === 0) return 0;
    if (koffi.errno() !== EINTR) return koffi.errno();
  }
}

/** Takes the lock of an open file if nobody else has it; never waits. @throws IpcError `ERR_IPC_FILE` where there are no such locks */
export function tryLockFile(descriptor: number): boolean {
  const errno = call(descriptor, LOCK_EX | LOCK_NB);
  if (errno === 0) return true;
  if (errno === EAGAIN) return false;
  throw new IpcError('ERR_IPC_FILE', `the file cannot be locked: flock failed (${errorName(errno)})`, {
    hint: 'Some network file systems have no locks. Use a file on a local disk.',
  });
}

export function unlockFile(descriptor: number): void {
  call(descriptor, LOCK_UN);
}
