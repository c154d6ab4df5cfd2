/**
 * After each test with processes nothing of it may be left: no process, no file in the temporary folder, nothing named in /dev/shm.
 *
 * Every process of a test file inherits a marker in its environment, and a temporary folder of its own; both are looked for afterwards. A
 * zombie has no environment any more and is not found, which is right: who reaps it is not ours to say.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';

const MARKER = 'IPC_LAB_TEST_RUN';
/** What the kernel needs to end the children of a killed supervisor; contract 1 gives us 2 s. */
const PATIENCE_MS = 2_000;

const marker = `${process.pid}-${Math.random().toString(36).slice(2)}`;
const folder = mkdtempSync(path.join(os.tmpdir(), 'ipc-lab-test-'));

/** What a test's processes are to inherit. */
export const environment: Readonly<Record<string, string>> = { [MARKER]: marker, TMPDIR: folder };

/** Checks after each test of the file that nothing is left of it, and ends what is. */
export function leaveNothing(): void {
  refuseLeaks();
  const own = { ...process.env };
  let sharedBefore: readonly string[] = [];
  beforeAll(() => {
    Object.assign(process.env, environment);
  });
  beforeEach(() => {
    sharedBefore = readdirSync('/dev/shm');
  });
  afterEach(async () => {
    const processes = await processesThatStay();
    for (const { pid } of processes) process.kill(pid, 'SIGKILL');
    expect(processes).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
    expect(readdirSync('/dev/shm').filter((name) => !sharedBefore.includes(name) && mayBeOurs(name))).toEqual([]);
  });
  afterAll(() => {
    process.env = own;
    rmSync(folder, { recursive: true });
  });
}

/** Whether something of ours may have this name in /dev/shm: none of our processes lives any more, but those of another test file may. */
function mayBeOurs(name: string): boolean {
  const [, pid] = /^ipc-?lab-\w+-(\d+)-/.exec(name) ?? [];
  return (
    /ipc-?lab/.test(name) && (pid === undefined || Number(pid) === process.pid || read(`/proc/${pid}/stat`) === '')
  );
}

interface Found {
  readonly pid: number;
  readonly command: string;
}

/** The processes of this test file that are alive. */
export function livingProcesses(): Found[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(`${MARKER}=${marker}`))
    .map((pid) => ({ pid: Number(pid), command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() }));
}

async function processesThatStay(): Promise<Found[]> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = livingProcesses();
    if (found.length === 0 || performance.now() > deadline) return found;
    await delay(10);
  }
}

/** Processes come and go while we look. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
