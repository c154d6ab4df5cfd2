/** Lock directories between programs, and after them: whatever ends a run, nothing is left in the folder for temporary files. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ownFolder } from '../temporary-folder.ts';
import { Command, fixture, runFixture } from './command.ts';
import { leaveNothing } from './nothing-left.ts';

leaveNothing();
const { file: fileIn } = ownFolder();

/** What a shell script does that shares the lock, and knows nothing of ipc-lab. */
const SHELL = `
for i in $(seq 50); do
  until mkdir "$1.lock" 2>/dev/null; do sleep 0.002; done
  n=$(cat "$1"); echo $((n + 1)) > "$1"
  rmdir "$1.lock"
done`;

test('lose nothing between two labs and a shell script that makes the directory by hand', async () => {
  const file = fileIn('number');
  writeFileSync(file, '0');
  const labs = [1, 2].map(() => runFixture('counts-in-lock-directory', '--file', file));
  const shell = spawn('sh', ['-c', SHELL, 'sh', file], { stdio: 'inherit' });
  const [[exitCode], ...ended] = await Promise.all([once(shell, 'exit'), ...labs]);
  expect([exitCode, ...ended.map((each) => each.exitCode)]).toEqual([0, 0, 0]);
  expect(Number(readFileSync(file, 'utf8'))).toBe(250);
});

test('of processes that have died are removed at the end of the run', async () => {
  expect(await runFixture('leaves-lock-directory')).toMatchObject({ stdout: expect.stringContaining('left true') });
});

test('are removed when the run is interrupted', async () => {
  const command = new Command(['run', fixture('leaves-lock-directory'), '--sleeps']);
  await command.says(/left true/);
  command.signal('SIGINT');
  expect(await command.ends()).toMatchObject({ exitCode: 130 });
});

test('of a run that was killed whole go to the next who wants them', async () => {
  const folder = fileIn('tmp');
  const command = new Command(['run', fixture('leaves-lock-directory'), '--folder', folder, '--sleeps']);
  await command.says(/left true/);
  command.signal('SIGKILL');
  await command.ends();
  expect(readdirSync(folder)).toEqual(['dead', 'own']);
  expect(await runFixture('leaves-lock-directory', '--folder', folder)).toMatchObject({ exitCode: 0 });
  expect(readdirSync(folder)).toEqual([]);
});
