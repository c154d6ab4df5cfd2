import type * as ChildProcess from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { IpcError, isIpcError } from '../core/errors.ts';
import { importModule } from '../core/import-module.ts';
import { isScenario, type Scenario } from './define.ts';

export interface LoadedScenario {
  readonly scenario: Scenario;
  /** Everything the module exports: where children find the functions they run. */
  readonly exports: Readonly<Record<string, unknown>>;
}

/**
 * Imports a scenario's module: it runs the module's top level.
 * @throws IpcError `ERR_IPC_SCENARIO_INVALID` when it does not parse, fails, or has no scenario as its default export
 */
export async function loadScenario(url: string): Promise<LoadedScenario> {
  const file = fileURLToPath(url);
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = await importModule(url);
  } catch (error) {
    if (isIpcError(error)) throw error;
    throw new IpcError('ERR_IPC_SCENARIO_INVALID', `${file} cannot be loaded: ${reason(file, error)}`, {
      cause: error,
    });
  }
  if (!isScenario(exports['default'])) {
    throw new IpcError('ERR_IPC_SCENARIO_INVALID', `${file} exports no scenario`, {
      hint: "Write: import { scenario } from 'ipc-lab'; export default scenario({ name, title, teaches, run(lab) { … } });",
    });
  }
  return { scenario: checked(file, exports['default']), exports };
}

/** Node knows where a syntax error is but keeps it from the error object; a check of the file alone tells. */
function reason(file: string, error: unknown): string {
  if (!(error instanceof Error)) return `its top level threw ${String(error)}`;
  if (!(error instanceof SyntaxError)) return placeOf(error, file);
  // Loaded here because every process would pay for it.
  const { spawnSync } = createRequire(import.meta.url)('node:child_process') as typeof ChildProcess;
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8', timeout: 10_000 });
  const place = /:(\d+)\n(.*)\n/.exec(stderr);
  return place === null
    ? `SyntaxError: ${error.message}`
    : `SyntaxError: ${error.message} (line ${place[1]}: ${place[2]?.trim()})`;
}

function placeOf(error: Error, file: string): string {
  const line = error.stack?.split('\n').find((each) => each.includes(file));
  const place = line === undefined ? null : /:(\d+):\d+\)?$/.exec(line);
  return `${error.name}: ${error.message}${place === null ? '' : ` (line ${place[1]})`}`;
}

/** What TypeScript checks for those who write it is checked here for those who do not. */
function checked(file: string, scenario: Scenario): Scenario {
  const refuse = (message: string): never => {
    throw new IpcError('ERR_IPC_SCENARIO_INVALID', `the scenario in ${file} ${message}`);
  };
  const { name, title, teaches, params = {}, run, expect } = scenario as unknown as Record<keyof Scenario, unknown>;
  if (typeof name !== 'string' || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
    refuse('needs a name of lower-case words joined by hyphens');
  if (typeof title !== 'string') refuse('needs a title');
  if (!Array.isArray(teaches)) refuse('needs a list of what it teaches');
  if (typeof run !== 'function') refuse('needs a function run(lab, params)');
  if (expect !== undefined && typeof expect !== 'function') refuse('has an expect that is not a function');
  if (typeof params !== 'object' || params === null) refuse('has params that are not an object');
  for (const [key, spec] of Object.entries(params as object)) {
    const kind = typeof (spec as { default?: unknown } | null)?.default;
    if (!['number', 'string', 'boolean'].includes(kind))
      refuse(`has a parameter ${key} without a default that is a number, a string or a boolean`);
    const { ask } = spec as { ask?: unknown };
    if (ask !== undefined && (typeof ask !== 'string' || kind !== 'string'))
      refuse(`has a parameter ${key} with an ask that is no text, or whose default is none`);
  }
  return scenario;
}
