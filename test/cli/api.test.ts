/**
 * docs/api.md: every export and every public method is on it, and every example compiles against the package's types, runs with real processes,
 * and returns what its comment `// →` says.
 *
 * An example is a whole module but for two lines, which are added here: the import of all names, and the default export that makes its `run`
 * that of a scenario (unless it has one).
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runInThisContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClassMembers, exportedNames, publicClasses } from './declarations.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = readFileSync(path.join(ROOT, 'docs/api.md'), 'utf8');
const RUNNING_AT_A_TIME = 2;

interface Example {
  readonly title: string;
  readonly text: string;
  /** What stands behind `// →`. */
  readonly result: string;
}

/** A heading and what is below it, up to the next heading of whichever level. */
interface Section {
  readonly heading: string;
  readonly text: string;
}

const SECTIONS: readonly Section[] = PAGE.split(/^#+ /m)
  .slice(1)
  .map((text) => ({ heading: text.slice(0, text.indexOf('\n')), text }));

const EXAMPLES: readonly Example[] = SECTIONS.flatMap(({ heading, text }) =>
  Array.from(text.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = '']) => ({
    title: heading,
    text: code,
    result: Array.from(code.matchAll(/\/\/ → (.*)$/gm), ([, result = '']) => result).join(' AND '),
  })),
);

const NAMES = exportedNames(path.join(ROOT, 'src/index.ts'));
const CLASSES = publicClasses(path.join(ROOT, 'dist/src'));

/** The module that an example stands for. */
function moduleOf({ text, title }: Example): string {
  const names = NAMES.map(({ name, isType }) => (isType ? `type ${name}` : name)).join(', ');
  const wrapped = text.includes('export default')
    ? ''
    : `\nexport default scenario({ name: 'example', title: ${JSON.stringify(title)}, teaches: [], run });\n`;
  return `import { ${names} } from 'ipc-lab';\n\n${text}${wrapped}`;
}

describe('the examples of docs/api.md', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'ipc-lab-api-'));
    mkdirSync(path.join(folder, 'node_modules'));
    symlinkSync(ROOT, path.join(folder, 'node_modules/ipc-lab'));
    symlinkSync(path.join(ROOT, 'node_modules/@types'), path.join(folder, 'node_modules/@types'));
    for (const [i, example] of EXAMPLES.entries()) writeFileSync(path.join(folder, `${i}.mts`), moduleOf(example));
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2023', 'esnext.disposable'],
      types: ['node'],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      rootDir: '.',
      outDir: 'out',
    };
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.mts'] }));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('compile', () => {
    const { stdout, status } = spawnSync(path.join(ROOT, 'node_modules/.bin/tsc'), ['-p', '.', '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const complaints = stdout.replaceAll(/^(\d+)\.mts/gm, (_, i: string) => EXAMPLES[Number(i)]?.title ?? i);
    expect(complaints).toBe('');
    expect(status).toBe(0);
  });

  test('return what they say', async () => {
    expect(EXAMPLES.length).toBeGreaterThan(30);
    const left = [...EXAMPLES.entries()];
    const seen: Record<string, unknown> = {};
    const said: Record<string, unknown> = {};
    const next = async (): Promise<void> => {
      for (let taken = left.shift(); taken !== undefined; taken = left.shift()) {
        const [i, { title, result }] = taken;
        said[title] = valueOf(result);
        seen[title] = await resultOf(path.join(folder, 'out', `${i}.mjs`), path.join(folder, `run-${i}`));
      }
    };
    await Promise.all(Array.from({ length: RUNNING_AT_A_TIME }, next));
    expect(seen).toEqual(said);
    expect(Object.keys(seen)).toHaveLength(EXAMPLES.length);
  }, 120_000);

  test.each(EXAMPLES)('$title says one result', ({ result }) => {
    expect(() => valueOf(result)).not.toThrow();
  });

  test.each(NAMES)('$name is in one', ({ name }) => {
    const mentions = new RegExp(String.raw`\b${name}\b`);
    expect(EXAMPLES.some(({ text }) => mentions.test(text.replaceAll(/\/\/.*$/gm, '')))).toBe(true);
  });
});

describe('docs/api.md documents', () => {
  test.each(NAMES)('$name, in a heading or a table', ({ name }) => {
    const documented = new RegExp(String.raw`^(#+ .*\b${name}\b|\| [^|]*${'`'}${name}\b)`, 'm');
    expect(PAGE).toMatch(documented);
  });

  test.each(CLASSES.filter(({ name }) => NAMES.some((each) => each.name === name)))(
    'all that a $name can do',
    ({ name }) => {
      const sections = documentingSections(name);
      expect(sections.length).toBeGreaterThan(0);
      const spoken = sections.flatMap(({ text }) => Array.from(text.matchAll(/`[^`]+`/g), ([code]) => code)).join(' ');
      const members = membersOf(name);
      expect(members).not.toEqual([]);
      expect(members.filter((member) => !new RegExp(String.raw`\b${member}\b`).test(spoken))).toEqual([]);
    },
  );

  test('nothing that the package does not have', () => {
    const documented = SECTIONS.filter(({ heading }) => /^[A-Z]\w+(, \w+)*$/.test(heading)).flatMap(({ heading }) =>
      heading.split(', '),
    );
    const known = new Set([...NAMES.map(({ name }) => name), ...GROUPS]);
    expect(documented.filter((name) => !known.has(name))).toEqual([]);
  });
});

/** Headings that name no export. */
const GROUPS = ['Threads', 'Locks', 'Values', 'Messages', 'Files', 'Managers', 'Errors'];

/** A thread has all that a process has, and its section says so. */
const SAME_AS: Readonly<Record<string, string>> = { Thread: 'Process' };

/** The sections that say what a class can do: its own and those of the exported classes it is derived from. */
function documentingSections(name: string): readonly Section[] {
  // The methods that make primitives are documented with what they make.
  if (name === 'Lab') return SECTIONS;
  const names = [...ancestry(name).map((each) => each.name), SAME_AS[name]];
  return SECTIONS.filter(({ heading, text }) =>
    names.some(
      (each) => each !== undefined && (heading.split(', ').includes(each) || text.includes(`| \`${each}<S>\` |`)),
    ),
  );
}

function membersOf(name: string): readonly string[] {
  return [...new Set(ancestry(name).flatMap(({ members }) => members))];
}

function ancestry(name: string): readonly ClassMembers[] {
  const found = CLASSES.find((each) => each.name === name);
  return found === undefined ? [] : [found, ...(found.base === undefined ? [] : ancestry(found.base))];
}

/** Runs a scenario, in a folder of its own. */
async function resultOf(file: string, folder: string): Promise<unknown> {
  mkdirSync(folder);
  const { NODE_EXTRA_CA_CERTS: _slow, ...env } = process.env;
  const ran = promisify(execFile)(process.execPath, [path.join(ROOT, 'bin/ipc-lab.js'), 'run', file, '--json'], {
    cwd: folder,
    env,
  });
  const { stdout } = await ran.catch((error: unknown) => error as { readonly stdout: string });
  const { result, failures, expected } = JSON.parse(stdout) as Record<string, unknown>;
  if (expected !== null) expect(result).toEqual(expected);
  const unexpected = (failures as readonly { readonly code: string }[]).filter(
    ({ code }) => code !== 'ERR_IPC_END_OF_FILE',
  );
  return unexpected.length > 0 ? unexpected : result;
}

/** What a comment's text means: a JavaScript expression. */
function valueOf(text: string): unknown {
  return runInThisContext(`(${text})`);
}
