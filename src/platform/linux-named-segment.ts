/**
 * Names for shared memory that need no file and cannot outlive their last holder: a named segment is a memory file whose *kernel name* carries
 * ours. Whoever wants it looks for that name among the open files of the user's own processes (`/proc/PID/fd`) and opens it there.
 *
 * Mode 0 marks a segment whose name was taken away. Of processes that create the same name at the same instant one succeeds: while they look
 * and create they hold the advisory lock of a file that is there anyway, the program that they run.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { IpcError } from '../core/errors.ts';
import { tryLockFile } from './linux-flock.ts';

const KERNEL_NAME_LIMIT_BYTES = 249;
/** Looking and creating takes some milliseconds. Whoever holds the lock for longer does something else with that file. */
const ALONE_TRIES = 1000;

/** The kernel name of a segment. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` */
export function kernelNameOf(name: string): string {
  const kernelName = `ipc-lab:${name}`;
  if (name === '' || /[\0/\n]/.test(name) || Buffer.byteLength(kernelName) > KERNEL_NAME_LIMIT_BYTES) {
    throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `${JSON.stringify(name)} cannot name shared memory`, {
      hint: `Use 1 to ${KERNEL_NAME_LIMIT_BYTES - 'ipc-lab:'.length} bytes without '/', line feeds or NUL.`,
    });
  }
  return kernelName;
}

/** Opens a segment by its kernel name, wherever a process of this user holds it. */
export function openByKernelName(kernelName: string): number | undefined {
  const target = `/memfd:${kernelName} (deleted)`;
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const entry of entriesOf(`/proc/${pid}/fd`)) {
      const path = `/proc/${pid}/fd/${entry}`;
      const descriptor = linkOf(path) === target ? openIfLinked(path) : undefined;
      if (descriptor !== undefined) return descriptor;
    }
  }
  return undefined;
}

/** Creates a segment, unless there is one with that kernel name; undefined then. */
export function ifNew(kernelName: string, create: () => number): number | undefined {
  const program = openSync('/proc/self/exe', constants.O_RDONLY);
  try {
    // Closing the program gives the lock back.
    for (let tries = 0; tries < ALONE_TRIES && !tryLockFile(program); tries++) pause();
    const existing = openByKernelName(kernelName);
    if (existing === undefined) return create();
    closeSync(existing);
    return undefined;
  } finally {
    closeSync(program);
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

/** Processes come and go while we look, and most are not ours: what cannot be read is not there for us. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Mode 0 marks an unlinked name; the check is explicit because the superuser may open such a file all the same. */
function openIfLinked(path: string): number | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDWR);
  } catch {
    return undefined;
  }
  const status = fstatSync(descriptor);
  if ((status.mode & 0o777) === 0o600 && status.uid === process.getuid?.()) return descriptor;
  closeSync(descriptor);
  return undefined;
}
