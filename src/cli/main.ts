import { readFileSync } from 'node:fs';
import { type ErrorCode, isIpcError } from '../core/errors.ts';
import { renderError } from '../render/terminal/error.ts';
import type { ErrorReport } from '../report/run.ts';
import { REPORT_VERSION } from '../report/run.ts';
import { BrokenPipe } from './broken-pipe.ts';
import { type Io, styleFor } from './io.ts';
import { type Plan, plan, wantsJson } from './plan.ts';

/** What `ipc-lab` ends with. On a signal it is 128 + the signal's number. */
export const EXIT = { ok: 0, failed: 1, usage: 2, inconclusive: 3, bug: 70, brokenPipe: 141 } as const;

const USAGE_CODES: ReadonlySet<ErrorCode> = new Set([
  'ERR_IPC_USAGE',
  'ERR_IPC_BAD_PARAMETER',
  'ERR_IPC_NO_SUCH_SCENARIO',
  'ERR_IPC_SCENARIO_INVALID',
]);

/** Runs a command line and returns the exit code. Never ends the process itself. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const brokenPipe = new BrokenPipe(io);
  let exitCode: number;
  try {
    exitCode = await carryOut(plan(argv, packageVersion()), io, brokenPipe);
  } catch (error) {
    exitCode = report(error, argv, io);
  }
  if ((await brokenPipe.happened()) && exitCode < 128) return EXIT.brokenPipe;
  if (brokenPipe.failure === undefined) return exitCode;
  io.stderr.write(`ipc-lab: what was written did not arrive: ${brokenPipe.failure.message}\n`);
  return exitCode === EXIT.ok ? EXIT.failed : exitCode;
}

/** Commands are loaded when they are wanted: `list` need not wait for what `run` needs. */
async function carryOut(planned: Plan, io: Io, brokenPipe: BrokenPipe): Promise<number> {
  if (planned.kind === 'list') return (await import('./list.ts')).list(planned, io);
  if (planned.kind === 'describe') return (await import('./list.ts')).describe(planned, io);
  if (planned.kind === 'run') return (await import('./run.ts')).run(planned, io, brokenPipe);
  if (planned.kind === 'bench') return (await import('./bench.ts')).bench(planned, io, brokenPipe);
  if (planned.kind === 'explore') return (await import('./explore.ts')).explore(planned, io, brokenPipe);
  if (planned.kind === 'replay') return (await import('./explore.ts')).replay(planned, io, brokenPipe);
  if (planned.kind === 'race') return (await import('./race.ts')).race(planned, io, brokenPipe);
  if (planned.kind === 'mmap') return (await import('./mmap.ts')).mmap(planned, io, brokenPipe);
  io.stdout.write(planned.text);
  return EXIT.ok;
}

function report(error: unknown, argv: readonly string[], io: Io): number {
  const known = isIpcError(error);
  const document: ErrorReport = {
    version: REPORT_VERSION,
    kind: 'error',
    code: known ? error.code : 'ERR_IPC_INTERNAL',
    message: error instanceof Error ? error.message : String(error),
    hint: known
      ? (error.hint ?? null)
      : 'This is a bug in ipc-lab. Please report it with the command and what stands above.',
  };
  if (!known && error instanceof Error) io.stderr.write(`${error.stack}\n`);
  if (wantsJson(argv)) io.stdout.write(`${JSON.stringify(document)}\n`);
  else io.stderr.write(renderError(document, styleFor(io.stderr, io.env, argv.includes('--ascii'))));
  if (!known || error.code === 'ERR_IPC_INTERNAL') return EXIT.bug;
  return USAGE_CODES.has(error.code) ? EXIT.usage : EXIT.failed;
}

function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
