/**
 * Renaming without replacing, by renameat2(2): rename(2) would take the place of an empty directory, and so of the lock of who made one by hand.
 * Called by its number, since not every C library has a function for it.
 */
import koffi from 'koffi';
import { errorName, fileError } from './file-error.ts';
import { bindFunctions } from './foreign.ts';

const RENAMEAT2_SYSCALL: Readonly<Record<string, number>> = { x64: 316, arm64: 276 };
const AT_FDCWD = -100;
const RENAME_NOREPLACE = 1;
const EINTR = 4;
const EEXIST = 17;

let renameat2: ((...args: readonly (number | string)[]) => unknown) | undefined;

/** Renames; false when there is something at the new path already. @throws IpcError `ERR_IPC_FILE`, `ERR_IPC_FILE_NOT_FOUND` */
export function renameToNew(from: string, to: string): boolean {
  renameat2 ??= bindFunctions((libc) => libc.func('syscall', 'long', ['long', 'int', 'str', 'int', 'str', 'uint']));
  for (;;) {
    const number = RENAMEAT2_SYSCALL[process.arch] ?? -1;
    if (Number(renameat2(number, AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE)) === 0) return true;
    const errno = koffi.errno();
    if (errno === EEXIST) return false;
    if (errno !== EINTR) throw fileError('make', to, errorName(errno));
  }
}
