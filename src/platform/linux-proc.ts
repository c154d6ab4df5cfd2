/** What the system tells of processes and threads, in /proc. Source: proc_pid_stat(5). */
import { closeSync, openSync, readSync } from 'node:fs';
import type { ProcessIdentity } from './platform.ts';

/** USER_HZ is 100 on all of Linux that Node runs on. */
const TICK_MS = 10;
/** More than the 52 numbers of a stat file take. */
const room = Buffer.alloc(2048);

export function identifyProcess(pid: number): ProcessIdentity | undefined {
  return identify(pid, `/proc/${pid}/stat`);
}

export function identifyThread(pid: number, threadId: number): ProcessIdentity | undefined {
  return identify(threadId, `/proc/${pid}/task/${threadId}/stat`);
}

/** How long a thread has had the processor; undefined when it has ended. */
export function threadCpuMs(pid: number, threadId: number): number | undefined {
  const fields = statFields(`/proc/${pid}/task/${threadId}/stat`);
  return fields && (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function identify(pid: number, file: string): ProcessIdentity | undefined {
  const fields = statFields(file);
  return fields && { pid, startTime: Number(fields[19]) };
}

/**
 * What /proc/PID/stat says from its field 3 on, the state; undefined of who has ended. Fields 14 and 15 are the ticks of the clock that it has had
 * the processor, field 22 when it started, in ticks since boot. Field 2 may hold spaces and parentheses.
 */
function statFields(file: string): string[] | undefined {
  const text = readShort(file);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  return state === 'Z' || state === 'X' || state === undefined ? undefined : fields;
}

/** In half the calls that readFileSync makes, and without new memory: whoever waits asks again and again. */
function readShort(file: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    return room.toString('latin1', 0, readSync(descriptor, room));
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
