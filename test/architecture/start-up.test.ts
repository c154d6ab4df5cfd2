/** What a child process loads before the user's first line is paid by every process that is ever started: it has a cap. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const BUNDLE = new URL('../../dist/bundle/', import.meta.url);
const RUNTIME = new URL('runtime/runtime.js', BUNDLE);
const CODE = new URL(`runtime/runtime.${process.versions.v8}.cache`, BUNDLE);
/** Raise these only with a reason in the commit: 100 KB cost about a millisecond in each process. */
const MOST_KB = 640;
const MOST_CODE_KB = 420;

function required(text: string): string[] {
  return Array.from(text.matchAll(/require\("([^"]+)"\)/g), ([, name = '']) => name);
}

function isTaken(): boolean {
  const program = `
    const [filename, code] = process.argv.slice(1);
    const script = new vm.Script(fs.readFileSync(filename, 'latin1'), { filename, cachedData: fs.readFileSync(code) });
    console.log(script.cachedDataRejected);`;
  const [script, code] = [RUNTIME, CODE].map((each) => fileURLToPath(each));
  const args = ['-e', program, script as string, code as string];
  return execFileSync(process.execPath, args, { encoding: 'utf8', env: {} }).trim() === 'false';
}

describe('the start of a child process', () => {
  const text = readFileSync(RUNTIME, 'utf8');
  const packages = new Set(required(text));

  test('is a script that loads the runtime, and nothing else of ours', () => {
    const script = readFileSync(new URL('start/child.js', BUNDLE), 'utf8');
    expect(new Set(required(script.replaceAll("'", '"')))).toEqual(new Set(['../runtime/load.cjs']));
    expect(text).toContain('memfd_create');
  });

  test('loads not much', () => {
    const kilobytes = text.length / 1024;
    expect.soft(kilobytes).toBeLessThanOrEqual(MOST_KB);
    // A cap far above what there is caps nothing.
    expect.soft(kilobytes).toBeGreaterThan(MOST_KB * 0.7);
  });

  test('finds the code that V8 made of it, and takes it', () => {
    const code = readFileSync(CODE);
    expect.soft(code.length / 1024).toBeLessThanOrEqual(MOST_CODE_KB);
    expect.soft(code.length / 1024).toBeGreaterThan(MOST_CODE_KB * 0.7);
    // In a process of its own: this one may run with other flags, for which V8 would make other code.
    expect(isTaken()).toBe(true);
    // As the loader reads it: what is not ASCII would be another text.
    expect(text).toMatch(/^[\0-\x7f]*$/);
  });

  test('loads no package but the one that calls the system', () => {
    expect([...packages].filter((name) => !name.startsWith('node:')).sort()).toEqual(['import-module', 'koffi']);
  });

  test('loads nothing of the terminal, and no debugger', () => {
    expect(
      [...packages].filter((name) =>
        /^node:(inspector|readline|repl|http|https|tls|crypto|worker_threads|child_process|net)/.test(name),
      ),
    ).toEqual([]);
    expect(text).not.toMatch(/Commander|picocolors|ansi-styles|cli-spinners/i);
  });
});
