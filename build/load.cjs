/**
 * Loads the runtime: one script, with the code that V8 made of it when the package was built. Another version of V8 makes its own, as ever.
 * What a process does not use costs it the reading only.
 */
'use strict';
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { Script } = require('node:vm');

const FILE = path.join(__dirname, 'runtime.js');
const CACHE = path.join(__dirname, `runtime.${process.versions.v8}.cache`);

let koffi;

// It is ASCII, which is read the fastest as Latin-1.
const script = new Script(readFileSync(FILE, 'latin1'), { filename: FILE, cachedData: cachedCode() });
const modules = script.runInThisContext()(provide, pathToFileURL(FILE).href);

function cachedCode() {
  try {
    return readFileSync(CACHE);
  } catch {
    return undefined;
  }
}

/** What the runtime imports. */
function provide(name) {
  // A script that is run like this has no `import()` of its own.
  if (name === 'import-module') return { importModule: (url) => import(url) };
  return name === 'koffi' ? (koffi ??= loadKoffi()) : require(name);
}

/**
 * What is used of koffi is native. The JavaScript around it finds that in several ways, and marks what is deprecated, which takes longer than to
 * load it.
 */
function loadKoffi() {
  try {
    return createRequire(require.resolve('koffi'))(`@koromix/koffi-${process.platform}-${process.arch}`);
  } catch {
    return require('koffi');
  }
}

/** What a module of the runtime exports, by its place in `src`. */
exports.part = (name) => modules[name];
/** Keeps V8's code for everything that this process has run of the runtime. */
exports.keepCode = () => {
  writeFileSync(`${CACHE}.new`, script.createCachedData());
  renameSync(`${CACHE}.new`, CACHE);
};
