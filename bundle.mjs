/**
 * Bundles what processes load at their start: forty small modules would cost each of them some ten milliseconds. Folders keep their depth, so
 * that addresses relative to a module mean the same in both; packages stay outside.
 */
import { build } from 'esbuild';

/** What the processes of a lab load: few pieces, because every process pays for each. */
const PROCESS_ENTRIES = [
  'explore/actor',
  'explore/canary',
  'explore/explore-scenario',
  'lab/child-main',
  'lab/thread-main',
  'manager/server',
  'process/own-name-hook',
  'race/program',
  'scenario/free-actor',
  'scenario/main-process',
];

await bundle(PROCESS_ENTRIES, 'chunks');
// Apart from the others: each command that is loaded when it is wanted would split what processes load once more.
await bundle(['cli/main'], 'commands');

async function bundle(entries, chunkFolder) {
  await build({
    entryPoints: entries.map((entry) => `dist/src/${entry}.js`),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    outdir: 'dist/bundle',
    outbase: 'dist/src',
    chunkNames: `${chunkFolder}/[name]-[hash]`,
    logLevel: 'warning',
  });
}
