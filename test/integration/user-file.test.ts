/** Files of a user's own, in a folder that knows nothing of this package. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { isIpcError } from '#src/core/errors.js';
import { runScenario } from '#supervisor/scenario/run-scenario';
import { Command, type Ending, ipcLab } from './command.ts';
import { leaveNothing } from './nothing-left.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'ipc-lab-user-'));

leaveNothing();
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;

/** Writes a file into a folder of its own; returns its path. */
function written(name: string, text: string): string {
  const place = path.join(folder, String(count++), path.dirname(name));
  mkdirSync(place, { recursive: true });
  const file = path.join(place, path.basename(name));
  writeFileSync(file, text);
  return file;
}

const counter = `import { isIpcError, scenario } from 'ipc-lab';
import { strict as assert } from 'node:assert';

export default scenario({
  name: 'mine',
  title: 'A scenario of my own',
  teaches: [],
  params: { times: { default: 1000 } },
  run(lab, { times }) {
    const counter = lab.rawValue('i', 0);
    const lock = lab.lock();
    lab.join(lab.startMany(2, add, counter, lock, times));
    return counter.value;
  },
  expect: ({ times }) => 2 * times,
});

export function add(counter, lock, times) {
  assert(!isIpcError(new Error()));
  for (let i = 0; i < times; i++) lock.with(() => counter.value++);
}
`;

describe("a file of the user's own", () => {
  test.each([
    ['mine.mjs', undefined],
    ['mine.js', '{ "type": "module" }'],
    ['mine.js', undefined],
    ['a folder, named 漢字 %20#/mine.mjs', undefined],
  ])('runs: %s, package.json %s', async (name, manifest) => {
    const file = written(name, counter);
    if (manifest !== undefined) writeFileSync(path.join(path.dirname(file), 'package.json'), manifest);
    const { exitCode, stdout, stderr } = await ipcLab('run', file, '--times', '500', '--json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ scenario: 'mine', ok: true, result: 1000, failures: [] });
  });

  test('is found from the folder one stands in, and by a path that goes up', async () => {
    const file = written('mine.mjs', counter);
    const cwd = path.dirname(file);
    expect(await new Command(['run', 'mine.mjs', '--json'], { cwd }).ends()).toMatchObject({ exitCode: 0 });
    expect(await new Command(['run', './mine.mjs', '--json'], { cwd }).ends()).toMatchObject({ exitCode: 0 });
    const up = path.join('..', path.basename(cwd), 'mine.mjs');
    expect(await new Command(['run', up, '--json'], { cwd }).ends()).toMatchObject({ exitCode: 0 });
  });

  test('imports others that import ipc-lab', async () => {
    const file = written('work.mjs', counter);
    const main = path.join(path.dirname(file), 'main.mjs');
    writeFileSync(
      main,
      `import mine, * as work from './work.mjs';
import { scenario } from 'ipc-lab';
export default scenario({ ...mine, run: (lab) => lab.join(lab.start({ module: new URL('./work.mjs', import.meta.url).href, name: 'add' }, lab.rawValue('i', 0), lab.lock(), 3)), expect: () => true });
`,
    );
    const { exitCode, stderr } = await ipcLab('run', main, '--json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });
});

const scenarioWith = (fields: string): string =>
  `import { scenario } from 'ipc-lab'; export default scenario({ name: 'mine', title: '', teaches: [], run() {}, ${fields} });`;

/** What a mistake must look like: exit 2, nothing on stdout, what and where on stderr, no stack. */
function expectMistake({ exitCode, stdout, stderr }: Ending, message: string | RegExp): void {
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  // Long messages are broken into lines.
  expect(stderr.replaceAll('\n', ' ')).toMatch(message);
  expect(stderr).toMatch(/^ipc-lab: /);
  expect(stderr).not.toMatch(/^\s+at |node:internal|UnhandledPromise/m);
}

describe('a file that is no scenario', () => {
  test.each([
    [
      'does not parse',
      'let a = 1;\nlet a = 2;\n',
      /SyntaxError: .*'a' has already been declared \(line 2: let a = 2;\)/,
    ],
    ['does not parse, in words', 'this is no JavaScript\n', /SyntaxError: .*\(line 1: this is no JavaScript\)/],
    ['exports nothing', 'const a = 1;\n', /exports no scenario .*export default scenario\(\{/],
    ['exports something else', 'export default { name: "x" };\n', /exports no scenario/],
    [
      'throws',
      '\nnull.boil();\n',
      /cannot be loaded: TypeError: Cannot read properties of null \(reading 'boil'\) \(line 2\)/,
    ],
    ['throws what is no Error', 'throw 3;\n', /cannot be loaded: its top level threw 3/],
    [
      'imports what is not there',
      "import 'no-such-package';\n",
      /cannot be loaded: .*Cannot find package 'no-such-package'/,
    ],
    [
      'imports what ipc-lab does not have',
      "import { frobnicate } from 'ipc-lab';\n",
      /does not provide an export named 'frobnicate'/,
    ],
    ['has no good name', scenarioWith("name: 'My Scenario'"), /needs a name of lower-case words joined by hyphens/],
    ['has no title', scenarioWith('title: undefined'), /needs a title/],
    ['teaches no list', scenarioWith("teaches: 'all'"), /needs a list of what it teaches/],
    ['runs nothing', scenarioWith('run: 3'), /needs a function run\(lab, params\)/],
    ['expects no function', scenarioWith('expect: 3'), /has an expect that is not a function/],
    ['has no object of params', scenarioWith('params: 3'), /has params that are not an object/],
    ['has a parameter that is null', scenarioWith('params: { a: null }'), /has a parameter a without a default/],
    ['has a parameter without a default', scenarioWith('params: { a: {} }'), /has a parameter a without a default/],
  ])('because it %s', async (_why, text, message) => {
    const file = written('mine.mjs', text);
    const refused: unknown = await runScenario(pathToFileURL(file).href).catch((error: unknown) => error);
    if (!isIpcError(refused, 'ERR_IPC_SCENARIO_INVALID')) throw new Error(`it was not refused: ${String(refused)}`);
    expect(`${refused.message} ${refused.hint}`).toMatch(message);
    expect(refused.message).toContain(file);
  });

  test('and is told so', async () => {
    expectMistake(await ipcLab('run', written('mine.mjs', 'let a = 1;\nlet a = 2;\n')), /\(line 2: let a = 2;\)/);
    expectMistake(
      await ipcLab('run', written('mine.mjs', 'export {};\n')),
      /mine\.mjs exports no scenario Write: import/,
    );
  });

  test('because it ends the process at once', async () => {
    const { exitCode, stdout } = await ipcLab('run', written('mine.mjs', 'process.exit(0);'));
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/main \(pid \d+\) exited with code 0 before run\(\) had\s+returned/);
  });

  test('because it is not there', async () => {
    expectMistake(await ipcLab('run', './no-such.js'), /there is no file \S+no-such\.js Check the path/);
  });

  test('because it is TypeScript, for now', async () => {
    expectMistake(
      await ipcLab('run', written('mine.ts', counter)),
      /is TypeScript, which ipc-lab cannot run yet .*Compile it/,
    );
  });

  test('because it is something else', async () => {
    expectMistake(await ipcLab('run', written('mine.txt', counter)), /is not a JavaScript file/);
    expectMistake(await ipcLab('run', folder), /is not a JavaScript file/);
  });

  test('because it is a folder', async () => {
    const place = path.join(folder, 'folder.js');
    mkdirSync(place);
    expectMistake(await ipcLab('run', place), /folder\.js/);
  });
});
