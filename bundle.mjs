/**
 * Bundles what processes load at their start: forty small modules would cost each of them some ten milliseconds. Folders keep their depth, so
 * that addresses relative to a module mean the same in both; packages stay outside.
 */
import { build } from 'esbuild';

/** Modules that something names by address: commands, what processes run, what Node loads. */
const ENTRIES = [
  'cli/main',
  'explore/actor',
  'explore/canary',
  'explore/explore-scenario',
  'lab/child-main',
  'manager/server',
  'process/own-name-hook',
  'race/program',
  'scenario/free-actor',
  'scenario/main-process',
];

await build({
  entryPoints: ENTRIES.map((entry) => `dist/src/${entry}.js`),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  outdir: 'dist/bundle',
  outbase: 'dist/src',
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
});
