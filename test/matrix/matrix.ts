/**
 * Runs the tests with each version of Node that we promise to work on. The versions come as npm packages into a folder that stays for the
 * next time.
 *
 *     npm run test:matrix -- --node 24 --folder test/conformance
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { ROOT, runVitest } from '../run-vitest.ts';

const VERSIONS = ['20', '22', '24', '26'];
/** One suite for processes and for threads, what blocks and what does not; and all that needs no processes. */
const FOLDERS = ['test/conformance', 'test/unit', 'test/twins', 'test/property'];

const { values } = parseArgs({
  options: {
    node: { type: 'string', multiple: true, default: VERSIONS },
    folder: { type: 'string', multiple: true, default: FOLDERS },
  },
});

let [passed, failed] = [0, 0];
for (const version of values.node) {
  const label = `Node ${version}`;
  try {
    const node = await fetchNode(version);
    const { stdout } = await promisify(execFile)(node, ['--version']);
    const run = await runVitest(values.folder, { node });
    passed += run.passed;
    failed += run.failed;
    const counts = `${String(run.passed).padStart(5)} passed ${String(run.failed).padStart(4)} failed`;
    process.stdout.write(
      `${label.padEnd(8)} ${stdout.trim().padEnd(10)} ${counts} ${run.seconds.toFixed(0).padStart(5)} s\n`,
    );
    if (run.failed > 0) process.stdout.write(run.output);
  } catch (error) {
    failed++;
    process.stdout.write(`${label.padEnd(8)} ${String(error)}\n`);
  }
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

/** The executable of the newest release of a major version. */
async function fetchNode(version: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = path.join(ROOT, 'node_modules/.cache/ipc-lab', `node-${version}`);
  const node = path.join(folder, 'node_modules', name, 'bin/node');
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  const options = ['--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
  await promisify(execFile)('npm', ['install', ...options, `${name}@${version}`], { cwd: folder });
  return node;
}
