/**
 * The documentation shows commands with what they print. Here they are run as they stand there: each must end with the exit code that the page
 * says (0 when it says nothing) and print text of the same shape. Numbers, durations and line breaks differ from run to run.
 *
 * With IPC_LAB_UPDATE_DOCS=1 what they print now takes the place of what stands there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGES_WITH_COMMANDS = ['README.md', 'docs/writing-a-scenario.md', 'docs/explorer.md'] as const;
const PAGES = ['README.md', 'CHANGELOG.md', ...readdirSync(path.join(ROOT, 'docs')).map((file) => `docs/${file}`)];

interface Example {
  readonly command: string;
  readonly output: string;
  readonly exitCode: number;
}

/** The contents of all fenced blocks of a language. */
function blocks(page: string, language: string): string[] {
  return Array.from(page.matchAll(/^```(\w+)\n(.*?)^```$/gms))
    .filter(([, found]) => found === language)
    .map(([, , content = '']) => content);
}

/** The commands of a console block, each with what follows it. `echo $?` tells the exit code of the one before. */
function examples(block: string): Example[] {
  const found: Example[] = [];
  for (const part of block.split(/^\$ /m).slice(1)) {
    const [command = '', ...output] = part.split('\n');
    const before = found.at(-1);
    if (command === 'echo $?' && before !== undefined)
      found[found.length - 1] = { ...before, exitCode: Number(output.join('')) };
    else found.push({ command, output: output.join('\n'), exitCode: 0 });
  }
  return found;
}

function read(name: string): string {
  return readFileSync(path.join(ROOT, name), 'utf8');
}

/** Whether a link on a page, as in `errors.md#err_ipc_closed`, names a file and a heading that are there. */
function leadsSomewhere(from: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? from : path.join(path.dirname(from), file);
  if (!existsSync(path.join(ROOT, target))) return false;
  const headings =
    anchor === undefined ? [] : Array.from(read(target).matchAll(/^#+ (.*)$/gm), ([, text = '']) => text);
  return anchor === undefined || headings.some((heading) => slugOf(heading) === anchor);
}

/** A heading as it stands in an address. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** What stays the same from run to run. */
function shape(output: string): string {
  return output
    .replaceAll(/(file:\/\/)?(\/[\w.-]+)+\//g, '/')
    .replaceAll(/\d+(\.\d+)? (ms|s|µs)(?=\W|$)/g, 'TIME')
    .replaceAll(/\d+(\.\d+)?/g, 'N')
    .replaceAll(/N(,N)*,?…/g, 'N…')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

describe.each(PAGES_WITH_COMMANDS)('the commands of %s', (name) => {
  let page = read(name);
  const shown = blocks(page, 'console').flatMap(examples);
  const seen: string[] = [];
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'ipc-lab-docs-'));
    for (const text of blocks(page, 'js')) {
      const file = /^\/\/ ([\w-]+\.m?js)\n/.exec(text)?.[1];
      if (file !== undefined) writeFileSync(path.join(folder, file), text);
    }
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
    if (process.env['IPC_LAB_UPDATE_DOCS'] !== '1') return;
    for (const [i, { command, output }] of shown.entries())
      page = page.replace(`$ ${command}\n${output}`, () => `$ ${command}\n${seen[i]}`);
    writeFileSync(path.join(ROOT, name), page);
  });

  test('shows commands', () => {
    expect(shown).not.toEqual([]);
  });

  test.each(shown)('$command', ({ command, output, exitCode }) => {
    const bin = path.join(ROOT, 'bin/ipc-lab.js');
    const line = command.replace(/^npx ipc-lab\b/, `'${process.execPath}' '${bin}'`);
    expect(line).not.toBe(command);
    const { FORCE_COLOR: _colour, NODE_EXTRA_CA_CERTS: _slow, ...env } = process.env;
    const ended = spawnSync('sh', ['-c', `${line} 2>&1`], { cwd: folder, env, encoding: 'utf8' });
    seen.push(ended.stdout.replaceAll(folder, '/home/ada'));
    expect(ended.status).toBe(exitCode);
    expect(shape(ended.stdout)).toBe(shape(output));
  });
});

describe.each(PAGES)('%s', (name) => {
  const page = read(name);

  test('names scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = Array.from(page.matchAll(/npm run ([\w:]+)/g), ([, script = '']) => script);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  test('links to files and headings that exist', () => {
    const links = Array.from(page.matchAll(/\]\(([^):]+)\)/g), ([, link = '']) => link);
    expect(links.filter((link) => !leadsSomewhere(name, link))).toEqual([]);
  });
});

describe('the comparison', () => {
  test('reads a console block', () => {
    expect(examples('$ a b\nx\ny\n$ echo $?\n2\n$ c\n')).toEqual([
      { command: 'a b', output: 'x\ny\n', exitCode: 2 },
      { command: 'c', output: '', exitCode: 0 },
    ]);
  });

  test('overlooks numbers, durations and line breaks only', () => {
    expect(shape('main  12  1.5 ms\nok [0,1,2…')).toBe(shape('main 1234 12 s ok [0,1,4,9…'));
    expect(shape('main 12 0')).not.toBe(shape('main 12 SIGTERM'));
    expect(shape('main 12 -')).not.toBe(shape('main 12 1.5 ms'));
  });
});
