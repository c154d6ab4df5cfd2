/**
 * Opening and making files to map, on Linux; how they are accessed is described in linux-file-mapping.ts.
 *
 * A temporary file is opened with O_TMPFILE: it is in no folder at any time, so there is nothing to clean up, and the kernel frees it with
 * the last descriptor or mapping, also after SIGKILL. Others open it through /proc/PID/fd. Where the folder for temporary files cannot do
 * that, a memory file is as good.
 *
 * Sources: open(2) on O_TMPFILE, fallocate(2), memfd_create(2), proc_pid_fd(5).
 */
import { accessSync, closeSync, constants, fstatSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import os from 'node:os';
import nodePath from 'node:path';
import { IpcError } from '../core/errors.ts';
import { errorName, fileError, fileErrorFrom } from './file-error.ts';
import { bindFileCalls, type FileCalls } from './linux-file-calls.ts';
import { EOPNOTSUPP, LinuxFileMapping } from './linux-file-mapping.ts';
import { tryLockFile, unlockFile } from './linux-flock.ts';
import { renameToNew } from './linux-rename.ts';
import type { FileMapping, FilePlatform } from './platform.ts';

/** O_TMPFILE without O_DIRECTORY, which Node knows and which differs between processors. */
const O_TMPFILE_BIT = 0o20000000;

/** The system's own folder for shared memory; containers may come without it. */
const MEMORY_FOLDER = '/dev/shm';

export class LinuxFiles implements FilePlatform {
  readonly #copies: boolean;
  #bound: FileCalls | undefined;

  /** @param copies false: as on a system that refuses to copy from a process to itself. */
  constructor(copies = true) {
    this.#copies = copies;
  }

  open(path: string, sizeBytes?: number): FileMapping {
    // O_NONBLOCK: what is no regular file may otherwise wait for somebody at its other end.
    const descriptor = openOrThrow('open', path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
    return closingOnFailure(descriptor, () => {
      const status = fstatSync(descriptor);
      if (!status.isFile()) {
        throw new IpcError('ERR_IPC_FILE', `cannot map ${path}: it is no regular file`, {
          hint: 'Pipes, sockets and devices have no bytes that stay where they are.',
        });
      }
      if (status.size === 0) {
        throw new IpcError('ERR_IPC_FILE_EMPTY', `cannot map ${path}: it is empty, and no bytes can be mapped`, {
          hint: 'Make it as long as what it is to hold, as in "truncate -s 4096".',
        });
      }
      if (sizeBytes !== undefined && sizeBytes > status.size) {
        throw new IpcError('ERR_IPC_OUT_OF_RANGE', `cannot map ${sizeBytes} bytes of ${path}: it has ${status.size}`);
      }
      return this.#map(descriptor, path, path, sizeBytes ?? status.size);
    });
  }

  openToLock(path: string): number {
    return openOrThrow('lock', path, constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOCTTY);
  }

  openTemporaryToLock(): { readonly descriptor: number; readonly path: string } {
    const descriptor = openWithoutName() ?? (this.#calls().memoryFile() as number);
    return { descriptor, path: `/proc/${process.pid}/fd/${descriptor}` };
  }

  tryLock(descriptor: number): boolean {
    return tryLockFile(descriptor);
  }

  unlock(descriptor: number): void {
    unlockFile(descriptor);
  }

  volatileFolder(): string {
    try {
      accessSync(MEMORY_FOLDER, constants.W_OK | constants.X_OK);
      return MEMORY_FOLDER;
    } catch {
      return nodePath.resolve(os.tmpdir());
    }
  }

  renameToNew(from: string, to: string): boolean {
    return renameToNew(from, to);
  }

  create(path: string, sizeBytes: number): FileMapping {
    const descriptor = openOrThrow('create', path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL);
    return closingOnFailure(descriptor, () => {
      try {
        return this.#fill(descriptor, path, path, sizeBytes);
      } catch (error) {
        unlinkSync(path);
        throw error;
      }
    });
  }

  createTemporary(sizeBytes: number): FileMapping {
    const descriptor = openWithoutName() ?? this.#memoryFile();
    return closingOnFailure(descriptor, () =>
      this.#fill(descriptor, `/proc/${process.pid}/fd/${descriptor}`, 'the temporary file', sizeBytes),
    );
  }

  #fill(descriptor: number, path: string, label: string, sizeBytes: number): FileMapping {
    const failed = this.#calls().reserve(descriptor, 0, sizeBytes);
    if (failed === EOPNOTSUPP) fillWithZeroes(descriptor, label, sizeBytes);
    else if (failed !== 0) throw fileError(`make ${sizeBytes} bytes of`, label, errorName(failed));
    return this.#map(descriptor, path, label, sizeBytes);
  }

  #map(descriptor: number, path: string, label: string, sizeBytes: number): FileMapping {
    return new LinuxFileMapping(this.#calls(), descriptor, path, label, sizeBytes, this.#copies);
  }

  #memoryFile(): number {
    const descriptor = this.#calls().memoryFile();
    if (typeof descriptor === 'number' && descriptor >= 0) return descriptor;
    throw fileError('create', 'the temporary file', errorName(this.#calls().lastError()));
  }

  /** Bound when they are first needed: most processes map no files. */
  #calls(): FileCalls {
    this.#bound ??= bindFileCalls();
    return this.#bound;
  }
}

function openOrThrow(intent: string, path: string, flags: number): number {
  try {
    return openSync(path, flags, 0o600);
  } catch (error) {
    throw fileErrorFrom(intent, path, error);
  }
}

/** Undefined: there is no such folder, or its file system has no files without a name. */
function openWithoutName(): number | undefined {
  try {
    return openSync(nodePath.resolve(os.tmpdir()), constants.O_RDWR | constants.O_DIRECTORY | O_TMPFILE_BIT, 0o600);
  } catch {
    return undefined;
  }
}

/** For file systems that cannot reserve room: what is written has it. */
function fillWithZeroes(descriptor: number, label: string, sizeBytes: number): void {
  const zeroes = new Uint8Array(Math.min(sizeBytes, 1024 * 1024));
  try {
    for (let at = 0; at < sizeBytes; )
      at += writeSync(descriptor, zeroes, 0, Math.min(zeroes.length, sizeBytes - at), at);
    ftruncateSync(descriptor, sizeBytes);
  } catch (error) {
    throw fileErrorFrom(`make ${sizeBytes} bytes of`, label, error);
  }
}

function closingOnFailure<T>(descriptor: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}
