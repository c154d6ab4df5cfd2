/** Tokens in a file: for schedules too long to be copied from a screen. */
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { IpcError } from '../core/errors.ts';
import type { ExploreReport } from '../report/explore.ts';

/**
 * Writes the tokens of what was found, one a line, what is forbidden first; before each stands what comes out.
 * @throws IpcError `ERR_IPC_FILE`
 */
export function saveTokens(file: string, reports: readonly ExploreReport[]): void {
  const found = reports.flatMap(({ outcomes, deadlocks }) => [
    ...deadlocks.map(({ cycle, token }) => ({ bad: true, what: `deadlock: ${cycle.join('; ')}`, token })),
    ...outcomes.map(({ outcome, grade, token }) => ({
      bad: grade === 'forbidden',
      what: `${grade}: ${JSON.stringify(outcome)}`,
      token,
    })),
  ]);
  const lines = found
    .toSorted((a, b) => Number(b.bad) - Number(a.bad))
    .map(({ what, token }) => `# ${what}\n${token}\n`);
  try {
    writeFileSync(file, lines.join(''));
  } catch (error) {
    throw unwritable(error);
  }
}

/** Refuses, before anything is explored, a file that will not be written. @throws IpcError `ERR_IPC_FILE` */
export function refuseUnwritable(file: string): void {
  try {
    accessSync(existsSync(file) ? file : path.dirname(path.resolve(file)), constants.W_OK);
  } catch (error) {
    throw unwritable(error);
  }
}

/** What was typed behind `replay`: a token, or else a file whose first token is meant. @throws IpcError `ERR_IPC_FILE`, `ERR_IPC_BAD_PARAMETER` */
export function tokenFrom(typed: string): string {
  if (typed.includes(':')) return typed;
  let text: string;
  try {
    text = readFileSync(typed, 'utf8');
  } catch (error) {
    throw new IpcError(
      'ERR_IPC_BAD_PARAMETER',
      `${JSON.stringify(typed)} is neither a token nor a file with one: ${reason(error)}`,
      {
        hint: '"ipc-lab explore <program>" prints tokens that can be replayed; --save <file> keeps them.',
      },
    );
  }
  const token = text.split('\n').find((line) => line.includes(':') && !line.startsWith('#'));
  if (token !== undefined) return token.trim();
  throw new IpcError('ERR_IPC_BAD_PARAMETER', `there is no token in ${typed}`, {
    hint: 'A file from "ipc-lab explore <program> --save <file>" has one a line.',
  });
}

function unwritable(error: unknown): IpcError {
  return new IpcError('ERR_IPC_FILE', `the tokens cannot be written: ${reason(error)}`, { cause: error });
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
