import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's own folder, seen from where this is built to. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface VitestRun {
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  /** All that it printed. */
  readonly output: string;
}

/** Runs the tests in some folders with a Node of one's choice, `before` it whatever is to start it, and counts. */
export async function runVitest(
  folders: readonly string[],
  {
    node = process.execPath,
    before = [],
    env = {},
  }: {
    readonly node?: string;
    readonly before?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<VitestRun> {
  const started = performance.now();
  const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs');
  const [command = node, ...args] = [...before, node, vitest, 'run', ...folders];
  // Whatever a test starts by the name of node is to be the same one.
  const searched = `${path.dirname(node)}${path.delimiter}${process.env['PATH'] ?? ''}`;
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, PATH: searched, CI: 'true', NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) =>
    child.once('close', resolve).once('error', () => resolve(null)),
  );
  const closing = /^(\d+) passed, (\d+) failed$/gm;
  const [, passed = 0, failed = 1] = ([...output.matchAll(closing)].at(-1) ?? []).map(Number);
  return {
    passed,
    failed: code === 0 ? failed : Math.max(1, failed),
    seconds: (performance.now() - started) / 1000,
    output,
  };
}
