/**
 * Pipes of the operating system: pipe2(2), and waiting for one by poll(2). A pipe has no name; a process that was not started with its descriptor
 * opens it where another has it open, in /proc/PID/fd, and finds it there by the number of its inode. Opened so, it is a reader or a writer of its
 * own: the kernel counts it, and a descriptor that is passed on by fork would share only the position that pipes do not have.
 *
 * All descriptors are closed on exec and never block: who has to wait does so in poll, for a slice of time.
 *
 * Sources: pipe(7), pipe(2), poll(2), proc_pid_fd(5).
 */
import { closeSync, constants, openSync, readdirSync, readlinkSync, readSync, writeSync } from 'node:fs';
import koffi from 'koffi';
import { errorName, fileError, fileErrorFrom } from './file-error.ts';
import { bindFunctions } from './foreign.ts';
import type { PipePlatform } from './platform.ts';

const O_CLOEXEC = 0o2000000;
const POLLIN = 1;
const POLLOUT = 4;

type Call = (...args: readonly unknown[]) => unknown;
type Calls = Readonly<Record<'pipe2' | 'close' | 'poll', Call>>;

export class LinuxPipes implements PipePlatform {
  #calls: Calls | undefined;

  create(): { readonly reader: number; readonly writer: number; readonly identity: number } {
    const { pipe2, close } = this.#bound();
    const pair = new Int32Array(2);
    if (pipe2(pair, O_CLOEXEC | constants.O_NONBLOCK) !== 0)
      throw fileError('make', 'a pipe', errorName(koffi.errno()));
    const [first = -1, second = -1] = pair;
    const opened: number[] = [];
    try {
      // What a thread has opened through Node is closed when the thread is ended; Node complains when it closes anything else.
      opened.push(openEnd(pathOf('self', first), false));
      opened.push(openEnd(pathOf('self', second), true));
      const [reader = -1, writer = -1] = opened;
      return { reader, writer, identity: Number(/\d+/.exec(readlinkSync(pathOf('self', reader)))?.[0]) };
    } catch (error) {
      for (const descriptor of opened) closeSync(descriptor);
      throw fileErrorFrom('make', 'a pipe', error);
    } finally {
      close(first);
      close(second);
    }
  }

  open(identity: number, pids: Iterable<number>, writes: boolean): number | undefined {
    for (const pid of ['self', ...pids]) {
      const descriptor = findIn(pid, `pipe:[${identity}]`, writes);
      if (descriptor !== undefined) return descriptor;
    }
    return undefined;
  }

  read(descriptor: number, target: Uint8Array, mostBytes: number): number | undefined {
    try {
      return readSync(descriptor, target, 0, mostBytes, null);
    } catch (error) {
      if (isError(error, 'EAGAIN')) return undefined;
      throw error;
    }
  }

  write(descriptor: number, bytes: Uint8Array, from: number): number | undefined {
    try {
      return writeSync(descriptor, bytes, from, bytes.length - from);
    } catch (error) {
      if (isError(error, 'EAGAIN')) return undefined;
      if (isError(error, 'EPIPE')) return 0;
      throw error;
    }
  }

  wait(descriptor: number, writes: boolean, timeoutMs: number): boolean {
    // struct pollfd: the descriptor, then the events that are asked for and those that came, 16 bits each.
    const asked = Int32Array.of(descriptor, writes ? POLLOUT : POLLIN);
    return Number(this.#bound().poll(asked, 1, Math.ceil(timeoutMs))) !== 0;
  }

  /** Bound when they are first needed: most processes have no pipes. */
  #bound(): Calls {
    if (this.#calls === undefined) {
      this.#calls = bindFunctions((libc) => ({
        pipe2: libc.func('int pipe2(_Out_ int *pair, int flags)'),
        close: libc.func('int close(int descriptor)'),
        poll: libc.func('int poll(_Inout_ int *asked, unsigned long count, int timeout)'),
      }));
    }
    return this.#calls;
  }
}

function findIn(pid: number | string, target: string, writes: boolean): number | undefined {
  let entries: string[];
  try {
    entries = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return undefined;
  }
  for (const entry of entries) {
    const path = pathOf(pid, entry);
    try {
      if (readlinkSync(path) === target) return openEnd(path, writes);
    } catch (error) {
      // It was closed while we looked; or its process ended, which is then said to be none of ours.
      if (!isError(error, 'ENOENT') && !isError(error, 'EACCES') && !isError(error, 'ESRCH'))
        throw fileErrorFrom('open', 'the pipe', error);
    }
  }
  return undefined;
}

function pathOf(pid: number | string, descriptor: number | string): string {
  return `/proc/${pid}/fd/${descriptor}`;
}

function openEnd(path: string, writes: boolean): number {
  return openSync(path, (writes ? constants.O_WRONLY : constants.O_RDONLY) | constants.O_NONBLOCK);
}

function isError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
