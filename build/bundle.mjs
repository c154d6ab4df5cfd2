/**
 * Bundles what is loaded at the start of a command or a process: as single modules, more than a hundred, it would take almost twice as long.
 *
 * - `runtime/` holds what the processes of a lab run, as one script, with the code that V8 has made of it (load.cjs).
 * - Scripts and modules that are found by their address have a file each at the place that they have in `dist/src`, in the same depth, and take
 *   everything from the runtime.
 * - `supervisor/` holds what the supervisor runs, and `cli/` the command line.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = path.join(ROOT, 'dist/src');
const BUNDLE = path.join(ROOT, 'dist/bundle');
const COMMON = { bundle: true, platform: 'node', target: 'node20', packages: 'external', logLevel: 'warning' };

/** What a process or thread is started with. */
const SCRIPTS = ['start/child', 'start/main', 'start/thread'];
/** What processes import by its address. */
const MODULES = [
  'explore/actor',
  'explore/canary',
  'explore/explore-scenario',
  'manager/server',
  'race/program',
  'scenario/free-actor',
];
/** What the scripts take from the runtime. */
const PARTS = ['lab/run-task', 'process/child-runtime', 'scenario/run-main'];
/** What runs in the supervisor, and is no more than once in a command. */
const SUPERVISORS = ['cli/main', 'explore/run-explore', 'race/run-race', 'scenario/run-scenario'];

// V8 tells an old script from a new one by its length only: its code must never be older.
rmSync(BUNDLE, { recursive: true, force: true });
await bundleRuntime([...MODULES, ...PARTS, 'index']);
for (const script of SCRIPTS) await bundleScript(script);
writeFileSync(`${BUNDLE}/start/package.json`, '{ "type": "commonjs" }\n');
for (const module of MODULES) await writeModule(module);
// What 'ipc-lab' means: in a process of a lab all of it is there already.
writeFileSync(`${BUNDLE}/index.js`, await textOf('index', './runtime/load.cjs'));
await bundleHook();
await bundleSupervisors();
warmUp();

/** One script of all modules; each that is wanted from outside is a property of what it returns. */
async function bundleRuntime(names) {
  const contents = names.map((name, i) => `export * as m${i} from './${name}.js';`).join('\n');
  const { outputFiles } = await build({
    ...COMMON,
    stdin: { contents, resolveDir: SOURCE },
    format: 'iife',
    globalName: 'modules',
    define: { 'import.meta.url': 'moduleUrl' },
    plugins: [asExternal(/\/import-module\.js$/, 'import-module')],
    write: false,
  });
  const listed = names.map((name, i) => `${JSON.stringify(name)}: modules.m${i}`).join(',\n');
  // Only comments have characters that are not ASCII: elsewhere the bundler has escaped them.
  const script = outputFiles[0].text.replaceAll(/[^\0-\x7f]/g, '?');
  const text = `(function (require, moduleUrl) {\n${script}\nreturn {\n${listed}\n};\n})\n`;
  mkdirSync(path.join(BUNDLE, 'runtime'), { recursive: true });
  writeFileSync(path.join(BUNDLE, 'runtime/runtime.js'), text);
  copyFileSync(path.join(ROOT, 'build/load.cjs'), path.join(BUNDLE, 'runtime/load.cjs'));
}

/** What a script imports are parts of the runtime. It is a CommonJS module: an ES module would be loaded some milliseconds later. */
async function bundleScript(name) {
  const partsOfRuntime = {
    name: 'parts of the runtime',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.?\// }, ({ kind, path: wanted, resolveDir }) => {
        if (kind === 'entry-point') return undefined;
        const part = path.relative(SOURCE, path.join(resolveDir, wanted)).replace(/\.js$/, '');
        return { path: part, namespace: 'runtime' };
      });
      onLoad({ filter: /.*/, namespace: 'runtime' }, ({ path: part }) => ({
        contents: `module.exports = require('../runtime/load.cjs').part('${part}');`,
      }));
    },
  };
  await build({
    ...COMMON,
    entryPoints: [`${SOURCE}/${name}.js`],
    format: 'cjs',
    plugins: [asExternal(/\/load\.cjs$/, '../runtime/load.cjs'), partsOfRuntime],
    outfile: `${BUNDLE}/${name}.js`,
  });
}

async function writeModule(name) {
  mkdirSync(path.dirname(`${BUNDLE}/${name}.js`), { recursive: true });
  writeFileSync(`${BUNDLE}/${name}.js`, await textOf(name, '../runtime/load.cjs'));
}

/** A module that exports what one of the runtime does. Not by `import`, which would read the loader anew in each process that has long loaded it. */
async function textOf(name, loader) {
  const names = Object.keys(await import(pathToFileURL(`${SOURCE}/${name}.js`).href));
  return [
    `import { createRequire } from 'node:module';`,
    '',
    `const part = createRequire(import.meta.url)('${loader}').part('${name}');`,
    ...names.map((each) =>
      each === 'default' ? 'export default part.default;' : `export const ${each} = part.${each};`,
    ),
    '',
  ].join('\n');
}

/** It runs in a thread of its own, which needs nothing else. */
async function bundleHook() {
  await build({
    ...COMMON,
    entryPoints: [`${SOURCE}/process/own-name-hook.js`],
    format: 'esm',
    outfile: `${BUNDLE}/process/own-name-hook.js`,
  });
}

async function bundleSupervisors() {
  await build({
    ...COMMON,
    entryPoints: SUPERVISORS.map((name) => `${SOURCE}/${name}.js`),
    splitting: true,
    format: 'esm',
    outdir: BUNDLE,
    outbase: SOURCE,
    chunkNames: 'supervisor/[name]-[hash]',
  });
}

/** Leaves beside the runtime what V8 has made of it in a process that did what most processes do. Where nothing runs, the build is as good without. */
function warmUp() {
  const { status } = spawnSync(process.execPath, [path.join(ROOT, 'build/warm-up.mjs')], { stdio: 'inherit' });
  if (status !== 0) console.error('The bundle was built without code of V8: processes start a little later.');
}

function asExternal(filter, address) {
  return {
    name: `external ${address}`,
    setup({ onResolve }) {
      onResolve({ filter }, () => ({ path: address, external: true }));
    },
  };
}
