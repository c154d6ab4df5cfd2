import { describe, expect, test } from 'vitest';
import { findViolations, folderOf } from './layer-rules.ts';
import { parseModules, readSources } from './module-graph.ts';

function violationsOf(path: string, text: string): string[] {
  return findViolations(parseModules([{ path, text }]));
}

describe('the house', () => {
  const sources = readSources('src');
  const scenarios = readSources('scenarios');

  test('has something to check', () => {
    expect(sources.map((source) => source.path)).toContain('src/index.ts');
    expect(new Set(sources.map((source) => folderOf(source.path))).size).toBeGreaterThan(2);
    expect(scenarios).not.toEqual([]);
    expect(parseModules(sources).flatMap((module) => module.specifiers)).not.toEqual([]);
  });

  test('imports strictly downwards', () => {
    expect(findViolations(parseModules([...sources, ...scenarios]))).toEqual([]);
  });
});

describe('the checker', () => {
  test.each([
    ['an import of a higher folder', 'src/core/a.ts', `import { b } from '../memory/b.ts';`],
    ['an import of a folder at the same height', 'src/race/a.ts', `import { b } from '../bench/b.ts';`],
    ['explore from scenario', 'src/scenario/a.ts', `import { b } from '../explore/b.ts';`],
    ['a type import', 'src/core/a.ts', `import type { B } from '../lab/b.ts';`],
    ['a side-effect import', 'src/core/a.ts', `import '../lab/b.ts';`],
    ['an import type node', 'src/core/a.ts', `export type B = import('../lab/b.ts').B;`],
    ['a dynamic import', 'src/core/a.ts', `export const b = await import('../lab/b.ts');`],
    ['an import of many lines', 'src/core/a.ts', `import {\n  b, // 'x'\n}\nfrom\n'../lab/b.ts';`],
    ['a re-export', 'src/core/a.ts', `export * from '../lab/b.ts';`],
    ['an import by alias', 'src/core/a.ts', `import { b } from '#src/lab/b.js';`],
    ['the public API from inside', 'src/lab/a.ts', `import { b } from '../index.ts';`],
    ['the package by name from inside', 'src/lab/a.ts', `import { b } from 'ipc-lab';`],
    ['a way out of src', 'src/cli/a.ts', `import { b } from '../../scenarios/b.ts';`],
    ['an unknown folder', 'src/shelf/a.ts', `export const a = 1;`],
    ['a file beside index.ts', 'src/a.ts', `export const a = 1;`],
    ['a measuring folder from render', 'src/render/a.ts', `import { b } from '../bench/b.ts';`],
    ['platform from render', 'src/render/a.ts', `import { b } from '../platform/b.ts';`],
    ['koffi outside platform', 'src/memory/a.ts', `import koffi from 'koffi';`],
    ['koffi by require', 'src/memory/a.ts', `const koffi = createRequire(import.meta.url)('koffi');`],
    ['code in index.ts', 'src/index.ts', `export * from './core/a.ts';\nexport const a = 1;`],
    ['an import in index.ts', 'src/index.ts', `import { a } from './core/a.ts';\nexport { a };`],
    ['a package re-exported by index.ts', 'src/index.ts', `export * from 'chalk';`],
    ['a scenario that reaches inside', 'scenarios/x/a.ts', `import { b } from '../../src/lab/b.ts';`],
    ['a scenario that imports another', 'scenarios/x/a.ts', `import { b } from './b.ts';`],
    ['a scenario that imports a package', 'scenarios/x/a.ts', `import chalk from 'chalk';`],
  ])('refuses %s', (_name, path, text) => {
    expect(violationsOf(path, text)).toHaveLength(1);
  });

  test.each([
    ['a lower folder', 'src/lab/a.ts', `import { b } from '../memory/b.ts';`],
    ['its own folder', 'src/render/terminal/a.ts', `import { b } from '../html/b.ts';`],
    ['report from render', 'src/render/a.ts', `import type { B } from '../report/b.ts';`],
    ['scenario from race', 'src/race/a.ts', `import { b } from '../scenario/b.ts';`],
    ['koffi inside platform', 'src/platform/a.ts', `import koffi from 'koffi';`],
    ['a builtin and a package', 'src/cli/a.ts', `import 'node:fs';\nimport 'chalk';`],
    ['text that looks like an import', 'src/core/a.ts', `// import '../lab/a.ts'\nconst a = "import '../lab/a.ts'";`],
    ['re-exports in index.ts', 'src/index.ts', `export * from './core/a.ts';\nexport type { B } from './lab/b.ts';`],
    ['a scenario on the public API', 'scenarios/x/a.ts', `import { scenario } from 'ipc-lab';\nimport 'node:os';`],
  ])('allows %s', (_name, path, text) => {
    expect(violationsOf(path, text)).toEqual([]);
  });
});
