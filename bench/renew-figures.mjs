/**
 * Measures everything, in both placements, and puts the tables into docs/performance.md: `npm run performance`, after a build, on a machine
 * that has nothing else to do. What follows is handed to the benchmark, as in `npm run performance -- --samples 9`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../bin/ipc-lab.js', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../docs/performance.md', import.meta.url));

/** What stands between two marks of the document is what the command prints with these flags. */
const FIGURES = { free: [], 'one core': ['--one-core'] };

let text = readFileSync(DOCUMENT, 'utf8');
for (const [placement, flags] of Object.entries(FIGURES)) {
  const [begin, end] = [`<!-- figures: ${placement} -->\n`, `<!-- end of figures: ${placement} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < 0) throw new Error(`docs/performance.md has no marks for the figures: ${placement}`);
  const printed = execFileSync(process.execPath, [BIN, 'bench', '--markdown', ...flags, ...process.argv.slice(2)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  text = `${text.slice(0, from + begin.length)}\n${printed}\n${text.slice(to)}`;
}
writeFileSync(DOCUMENT, text);
