import type { RunReport } from '#src/report/run.js';
import type { RunOptions } from '#supervisor/scenario/run-scenario';
import { runFixture } from '../run-fixture.ts';

/** Runs a fixture of this folder with the test itself as the supervisor. */
export function supervise(
  name: string,
  params: Readonly<Record<string, string>> = {},
  options: RunOptions = {},
): Promise<RunReport> {
  return runFixture(import.meta.url, name, params, options);
}
