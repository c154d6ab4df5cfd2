import { IpcError } from '../core/errors.ts';
import { runScenario } from '../scenario/run-scenario.ts';
import type { Sample } from './mechanism.ts';

/** A scenario beside this file. */
export type OwnProgram = 'loop-programs' | 'message-programs' | 'request-programs' | 'round-programs' | 'start-program';

/**
 * Runs one of the programs beside this file in a lab of its own, and returns what it measured. Bundled or not, this module is two
 * folders below `dist`, and the programs are where the compiler put them.
 * @throws IpcError `ERR_IPC_ABORTED`, `ERR_IPC_CHILD_FAILED`
 */
export async function runOwnProgram(
  name: OwnProgram,
  params: Readonly<Record<string, string | number>>,
  signal: AbortSignal | undefined,
): Promise<Sample> {
  const report = await runScenario(new URL(`../../src/bench/${name}.js`, import.meta.url).href, {
    params: Object.fromEntries(Object.entries(params).map(([flag, value]) => [flag, String(value)])),
    ...(signal === undefined ? {} : { signal }),
  });
  const [failure] = report.failures;
  if (failure !== undefined) {
    throw new IpcError(
      failure.code === 'ERR_IPC_ABORTED' ? 'ERR_IPC_ABORTED' : 'ERR_IPC_CHILD_FAILED',
      `the benchmark's own program failed: ${failure.message}`,
    );
  }
  return report.result as Sample;
}
