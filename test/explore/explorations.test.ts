/** Explorations that are ended before they are complete, and those of a user's own file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ExploreReport } from '#src/report/explore.js';
import { Command, ipcLab } from '../integration/command.ts';
import { leaveNothing, livingProcesses } from '../integration/nothing-left.ts';
import { exploredOnce } from './asked.ts';

const PATIENT = { timeout: 300_000 };

leaveNothing();

describe('an exploration that is ended', PATIENT, () => {
  // Far too many schedules to come to the end of.
  const ENDLESS = ['lost-update', '--processes', '3', '--increments', '50', '--no-lock'];

  test.each(['SIGINT', 'SIGTERM'] as const)('by %s: exit code, a word, nothing left', async (signal) => {
    const command = new Command(['explore', ...ENDLESS, '--timeout', '240']);
    await actorsOf(command);
    command.signal(signal);
    const { exitCode, stdout, stderr } = await command.ends();
    expect({ exitCode, stdout }).toEqual({ exitCode: signal === 'SIGINT' ? 130 : 143, stdout: '' });
    expect(stderr).toContain('interrupted');
  });

  test('by the kill of an actor', async () => {
    const command = new Command(['explore', ...ENDLESS, '--timeout', '240', '--json']);
    const [, actor] = await actorsOf(command);
    process.kill(actor ?? 0, 'SIGKILL');
    const { exitCode, stdout } = await command.ends();
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'error',
      code: 'ERR_IPC_EXPLORATION_FAILED',
      message: expect.stringMatching(/^actor [ABC] \(pid \d+\) ended in the middle/) as string,
    });
  });

  test('by its time: what was found so far, and that it is not all', async () => {
    const report = await exploredOnce('lost-update', {
      params: { processes: 3, increments: 50, lock: 'atomic' },
      timeoutMs: 5000,
    });
    expect(report).toMatchObject({ verdict: 'INCOMPLETE', complete: false });
    expect(report.bound).toMatch(/^stopped after \d+\.\d s$/);
    expect(report.schedules).toBeGreaterThan(0);
  });
});

/** The processes of the actors, as soon as all of them are there. */
async function actorsOf(command: Command): Promise<number[]> {
  for (;;) {
    const found = livingProcesses().filter(({ pid }) => pid !== command.pid);
    // Three actors, and the main process, which was there first.
    if (found.length >= 4) return found.map(({ pid }) => pid).toSorted((a, b) => a - b);
    if (command.child.exitCode !== null) throw new Error('it ended before its actors were there');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("a user's file", PATIENT, () => {
  const text = `import { program } from 'ipc-lab';
export default program({
  name: 'mine',
  title: 'Mine',
  teaches: [],
  params: { word: { default: 'a,b' } },
  shared: (lab) => lab.rawValue('i', 0, { name: 'counter' }),
  actors: () => [add, add],
  outcome: (counter) => counter.value,
  grade: (outcome) => (outcome === 2 ? 'acceptable' : 'forbidden'),
});
export function add(counter) {
  counter.value += 1;
}
`;

  test('outside of the package: its tokens lead back to it', async () => {
    const cwd = mkdtempSync(path.join(os.tmpdir(), 'ipc-lab-user-'));
    try {
      writeFileSync(path.join(cwd, 'my program.mjs'), text);
      const args = ['explore', './my program.mjs', '--word', 'x=1, y:2', '--json', '--timeout', '240'];
      const { exitCode, stdout, stderr } = await new Command(args, { cwd }).ends();
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
      const report = JSON.parse(stdout) as ExploreReport;
      expect(report).toMatchObject({ program: 'mine', verdict: 'VIOLATION', meantToFail: false });
      const token = report.outcomes.find(({ grade }) => grade === 'forbidden')?.token ?? '';
      const replay = await new Command(['replay', token, '--json', '--timeout', '240'], { cwd }).ends();
      expect(JSON.parse(replay.stdout)).toMatchObject({ outcome: 1, same: 10, params: { word: 'x=1, y:2' } });
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });

  test('without a program', async () => {
    const { exitCode, stdout, stderr } = await ipcLab('explore', 'raw-counter');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr.replaceAll('\n', ' ')).toMatch(/raw-counter has no program to explore .*program\(\{/);
  });
});
