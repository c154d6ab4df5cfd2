import { spawn } from 'node:child_process';
import { IpcError } from '../core/errors.ts';

export interface Finished {
  /** From just before it was started until its exit was seen. */
  readonly ms: number;
  readonly stdout: string;
}

/**
 * Runs a program to its end, in a process group of its own, which is ended as a whole when the signal fires.
 * @throws IpcError `ERR_IPC_CHILD_FAILED` when it cannot be started or does not exit with 0
 */
export function runToEnd(command: string, args: readonly string[], signal?: AbortSignal): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const failed = (how: string): void =>
      reject(new IpcError('ERR_IPC_CHILD_FAILED', `${[command, ...args].join(' ')} ${how}`));
    const started = process.hrtime.bigint();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let ms = 0;
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const end = (): void => endGroup(child.pid);
    signal?.addEventListener('abort', end, { once: true });
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.once('error', (error) => failed(`could not be started: ${error.message}`));
    child.once('exit', () => {
      ms = Number(process.hrtime.bigint() - started) / 1e6;
    });
    child.once('close', (code, endedBy) => {
      signal?.removeEventListener('abort', end);
      if (code === 0) resolve({ ms, stdout: Buffer.concat(stdout).toString() });
      else failed(`${endedBy === null ? `exited with ${code}` : `was ended by ${endedBy}`}: ${lastLine(stderr)}`);
    });
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function lastLine(stderr: readonly Buffer[]): string {
  return Buffer.concat(stderr).toString().trimEnd().split('\n').at(-1) ?? '';
}
