import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import type { RunReport } from '#src/report/run.js';
import { type RunOptions, runScenario } from '#supervisor/scenario/run-scenario';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The file of a built fixture; `testUrl` is the test's `import.meta.url`, beside whose folder `fixtures/` lies. */
export function fixtureFile(testUrl: string, name: string): string {
  const folder = path.relative(ROOT, path.dirname(fileURLToPath(testUrl)));
  const file = path.join(ROOT, 'dist', folder, 'fixtures', `${name}.js`);
  if (!existsSync(file)) throw new Error(`${file} does not exist: npm run build`);
  return file;
}

/** Runs a fixture scenario with this process as the supervisor. */
export async function runFixture(
  testUrl: string,
  name: string,
  params: Readonly<Record<string, string | number>> = {},
  options: RunOptions = {},
): Promise<RunReport> {
  const typed = Object.fromEntries(Object.entries(params).map(([flag, value]) => [flag, String(value)]));
  return runScenario(pathToFileURL(fixtureFile(testUrl, name)).href, { ...options, params: typed });
}

/** Runs a fixture and returns its result; the test fails when the run did. */
export async function resultOf(
  testUrl: string,
  name: string,
  params: Readonly<Record<string, string | number>> = {},
  options: RunOptions = {},
): Promise<unknown> {
  const report = await runFixture(testUrl, name, params, options);
  expect(report.failures, `${name} failed`).toEqual([]);
  if (report.expected !== null) expect(report.result).toEqual(report.expected);
  expect(report.ok, `${name} did not end well`).toBe(true);
  return report.result;
}
