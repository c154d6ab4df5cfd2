import { posix } from 'node:path';
import type { ModuleFacts } from './module-graph.ts';

/** The height of each folder of `src`: an import may only go strictly downwards, or stay inside its folder. */
const levels: ReadonlyMap<string, number> = new Map([
  ['core', 0],
  ['report', 1],
  ['platform', 1],
  ['memory', 2],
  ['primitives', 3],
  ['process', 4],
  ['manager', 5],
  ['lab', 6],
  ['scenario', 7],
  ['explore', 7.5],
  ['start', 7.5],
  ['race', 7.5],
  ['bench', 7.5],
  ['render', 8],
  ['cli', 9],
]);

/** `render` meets what measures at `report`, so that an old report can always be rendered again. */
const renderMayImport: ReadonlySet<string> = new Set(['core', 'report', 'render']);

/** Applies the rules of the house to parsed modules; one sentence per violation, none when all is well. */
export function findViolations(modules: readonly ModuleFacts[]): string[] {
  return modules.flatMap((module) => {
    if (module.path.startsWith('scenarios/')) return checkScenario(module);
    if (module.path === 'src/index.ts') return checkIndex(module);
    return checkSource(module);
  });
}

/** Tells the folder of `src` that a path lies in: `''` for `src` itself, `undefined` outside `src`. */
export function folderOf(path: string): string | undefined {
  const [top, folder, ...rest] = path.split('/');
  if (top !== 'src' || folder === undefined) return undefined;
  return rest.length === 0 ? '' : folder;
}

function checkScenario(module: ModuleFacts): string[] {
  return module.specifiers
    .filter((specifier) => specifier !== 'ipc-lab' && !specifier.startsWith('node:'))
    .map((specifier) => `${module.path} imports '${specifier}': a scenario imports 'ipc-lab' and node: only`);
}

function checkIndex(module: ModuleFacts): string[] {
  const found = module.specifiers.flatMap((specifier) => {
    const target = resolve(module.path, specifier);
    return target !== undefined && levels.has(folderOf(target) ?? '')
      ? []
      : [`${module.path} re-exports '${specifier}', which is in no known folder of src`];
  });
  return module.onlyReexports ? found : [...found, `${module.path} holds more than re-exports`];
}

function checkSource(module: ModuleFacts): string[] {
  const from = folderOf(module.path) ?? '';
  const level = levels.get(from);
  if (level === undefined) return [`${module.path} is in no known folder of src`];
  const found = module.specifiers.flatMap((specifier) => checkImport(module.path, from, level, specifier));
  const namesKoffi = [...module.specifiers, ...module.literals].some((text) => /^koffi(\/|$)/.test(text));
  return namesKoffi && from !== 'platform' ? [...found, `${module.path} names koffi: only platform may`] : found;
}

function checkImport(path: string, from: string, level: number, specifier: string): string[] {
  const target = resolve(path, specifier);
  if (target === undefined) {
    return specifier === 'ipc-lab' ? [`${path} imports the package by its own name: only scenarios may`] : [];
  }
  const to = folderOf(target);
  if (to === from) return [];
  const targetLevel = levels.get(to ?? '');
  if (targetLevel === undefined) return [`${path} imports '${specifier}', which is in no known folder of src`];
  if (from === 'render' && !renderMayImport.has(to ?? '')) {
    return [`${path} imports '${specifier}': render may import core and report only`];
  }
  return targetLevel < level ? [] : [`${path} imports '${specifier}': ${to} is not below ${from}`];
}

/** Gives the repository path that a relative or `#src` specifier means, `undefined` for a package or builtin. */
function resolve(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('#src/')) return specifier.slice(1);
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
}
