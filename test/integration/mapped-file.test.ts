/** Mapped files between real processes. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { fixtureFile, runFixture } from '../run-fixture.ts';
import { ownFolder } from '../temporary-folder.ts';

const BIN = new URL('../../bin/ipc-lab.js', import.meta.url).pathname;

refuseLeaks();
const folder = ownFolder();

async function outcome(what: string): Promise<{ result: unknown; codes: readonly string[]; ok: boolean }> {
  const { result, failures, ok } = await runFixture(import.meta.url, 'mapped-file', { what, path: folder.file('a') });
  return { result, codes: failures.map(({ code }) => code), ok };
}

describe('a child', () => {
  test.each(['shared', 'temporary'])('sees and is seen: %s', async (what) => {
    expect(await outcome(what)).toEqual({
      ok: true,
      codes: [],
      result: { ended: 0, said: [[1, 2, 3], 'done'], seen: [4, 5, 6] },
    });
  });

  test('leaves to the file what it wrote', async () => {
    await outcome('shared');
    expect([...readFileSync(folder.file('a')).subarray(9000, 9003)]).toEqual([4, 5, 6]);
  });

  test('is told that the file was cut, and lives', async () => {
    const shrank = 'ERR_IPC_FILE_SHRANK';
    expect(await outcome('cut')).toEqual({
      ok: true,
      codes: [],
      result: { ended: 0, said: [[1, 2, 3], shrank, shrank, shrank], seen: shrank },
    });
  });

  test('that touches a view of what is gone is killed: there is something to be protected from', async () => {
    expect((await outcome('touched')).result).toMatchObject({ ended: 'SIGBUS', said: [[1, 2, 3]] });
  });

  test.each([
    ['cut-before', 'ERR_IPC_FILE_SHRANK'],
    ['replaced', 'ERR_IPC_FILE_NOT_FOUND'],
    ['closed', 'ERR_IPC_FILE_NOT_FOUND'],
  ])('does not start with another file: %s', async (what, code) => {
    const { result, codes } = await outcome(what);
    expect(codes).toContain(code);
    expect(result === null || (result as { ended: unknown }).ended === 1).toBe(true);
  });
});

describe('a temporary file', () => {
  /** The files without a name that processes of this machine have open under the folder for temporary files. */
  const openThere = (): string[] =>
    readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .flatMap((pid) => linksIn(`/proc/${pid}/fd`))
      .filter((target) => target.startsWith(folder.file('tmp')));

  test.each(['supervisor', 'main', 'child'] as const)('vanishes when the %s is killed', async (victim) => {
    const scenario = fixtureFile(import.meta.url, 'holds-temporary-file');
    const run = spawn(process.execPath, [BIN, 'run', scenario], { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(run, 'exit');
    let output = '';
    for await (const chunk of run.stdout) {
      output += String(chunk);
      if (/\[hold-1\] \d+ \d+\n/.test(output)) break;
    }
    const [, main = '', child = ''] = /\[hold-1\] (\d+) (\d+)\n/.exec(output) ?? [];
    expect(openThere()).not.toEqual([]);
    expect(readdirSync(folder.file('tmp'))).toEqual([]);
    process.kill({ supervisor: run.pid ?? 0, main: Number(main), child: Number(child) }[victim], 'SIGKILL');
    run.stdout.resume();
    await ended;
    // A killed supervisor's children are ended by the kernel, a moment later.
    await expect.poll(openThere, { timeout: 5000 }).toEqual([]);
  });
});

function linksIn(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((entry) => {
      try {
        return [readlinkSync(`${folder}/${entry}`)];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

describe('the scenario', () => {
  const run = (...flags: string[]) =>
    spawnSync(process.execPath, [BIN, 'run', 'mmap', '--json', ...flags], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  test.each([['aé你👋'], [''], ['\uFEFFשלום\n\tعالم'], ['x'.repeat(600)]])('carries %j', (text) => {
    const { stdout, stderr, status } = run('--size', String(Buffer.byteLength(text) + 16), `--text=${text}`);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, result: text });
    expect(stderr.replaceAll('[consume-1] ', '')).toBe(`${text}\n`);
    expect(status).toBe(0);
  });

  test('refuses a byte too many', () => {
    const { stdout, status } = run('--size', '31', '--text', 'x'.repeat(16));
    const { ok, failures } = JSON.parse(stdout) as { ok: boolean; failures: { code: string; hint: string }[] };
    expect([status, ok, failures[0]?.code]).toEqual([1, false, 'ERR_IPC_TEXT_TOO_LONG']);
    expect(failures[0]?.hint).toContain('--size 32');
  });
});
