/** What a child process loads before the user's first line is paid by every process that is ever started: it has a cap. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ENTRY = fileURLToPath(new URL('../../dist/bundle/lab/child-main.js', import.meta.url));
/** Raise these only with a reason in the commit: 10 KB cost about a third of a millisecond in each process. */
const MOST_MODULES = 12;
const MOST_KB = 460;

interface Graph {
  readonly modules: ReadonlyMap<string, string>;
  readonly packages: ReadonlySet<string>;
}

/** What a module of the bundle imports statically; the bundler writes one import a statement, each at the start of a line. */
function staticImports(text: string): string[] {
  return Array.from(
    text.matchAll(/^(?:import|export)\b(?:[^'"();]*?\bfrom)?\s*["']([^"']+)["']/gm),
    ([, name = '']) => name,
  );
}

function load(entry: string): Graph {
  const modules = new Map<string, string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (modules.has(file)) return;
    const text = readFileSync(file, 'utf8');
    modules.set(file, text);
    for (const name of staticImports(text)) {
      if (name.startsWith('.')) visit(path.resolve(path.dirname(file), name));
      else packages.add(name);
    }
  };
  visit(entry);
  return { modules, packages };
}

describe('the start of a child process', () => {
  const { modules, packages } = load(ENTRY);
  const text = [...modules.values()].join('\n');

  test('has something to check', () => {
    expect(modules.size).toBeGreaterThan(1);
    expect(text).toContain('memfd_create');
    expect(packages).toContain('koffi');
    expect(
      staticImports(
        `import a from "./a.js";\nimport {\n  b as c\n} from "./b.js";\nimport "./c.js";\nexport {\n  d\n} from "./d.js";\n`,
      ),
    ).toEqual(['./a.js', './b.js', './c.js', './d.js']);
    expect(staticImports(`export {\n  a\n};\nconst b = await import("./b.js");\nvar c = "import 'x'";`)).toEqual([]);
  });

  test('loads few modules, and not much', () => {
    const kilobytes = text.length / 1024;
    expect.soft(modules.size).toBeLessThanOrEqual(MOST_MODULES);
    expect.soft(kilobytes).toBeLessThanOrEqual(MOST_KB);
    // A cap far above what there is caps nothing.
    expect.soft(kilobytes).toBeGreaterThan(MOST_KB * 0.7);
  });

  test('loads no package but the one that calls the system', () => {
    expect([...packages].filter((name) => !name.startsWith('node:'))).toEqual(['koffi']);
  });

  test('loads nothing of the terminal, and no debugger', () => {
    expect(
      [...packages].filter((name) => /^node:(inspector|readline|repl|http|https|tls|crypto|worker_threads)/.test(name)),
    ).toEqual([]);
    expect(text).not.toMatch(/Commander|picocolors|ansi-styles|cli-spinners/i);
  });
});
