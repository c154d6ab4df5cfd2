/** What all commands that run a lab have in common: its output shown live, the spinner, the deadline, Ctrl-C. */
import type { ProcessRecord } from '../process/process-record.ts';
import type { OutputStream, SpawnServer } from '../process/spawn-server.ts';
import { DEFAULT_TIMEOUT_MS, type RunOptions } from '../scenario/run-scenario.ts';
import { type ErrorReport, REPORT_VERSION } from '../report/run.ts';
import type { Interruption } from './interruption.ts';
import { type Io, mayDraw, styleFor } from './io.ts';
import { LiveOutput } from './live-output.ts';
import { Progress } from './progress.ts';

/** How a command line wants a lab to be run. */
export interface Supervision {
  readonly timeoutMs: number | undefined;
  readonly json: boolean;
  readonly ascii: boolean;
  /** Whether what the processes write goes to stderr in any case: what comes out on stdout is to be the same each time. */
  readonly outputApart?: boolean;
}

/** Does something that needs the screen for itself, such as asking a question. */
export type WithoutSpinner = <T>(talk: () => Promise<T>) => Promise<T>;

/**
 * Calls `work` with what a lab needs of its supervisor. What its processes write appears on stdout for a person, on stderr when stdout is for a
 * program.
 * @param title what the spinner says
 */
export async function supervise<T>(
  title: string,
  { timeoutMs = DEFAULT_TIMEOUT_MS, json, ascii, outputApart = false }: Supervision,
  io: Io,
  interruption: Interruption,
  work: (options: RunOptions & { readonly timeoutMs: number }, withoutSpinner: WithoutSpinner) => Promise<T>,
): Promise<T> {
  const sink = json || outputApart ? io.stderr : io.stdout;
  const progress = new Progress(io.stderr, mayDraw(io.stderr, io.env, ascii) && !json);
  const output = new LiveOutput(sink, styleFor(sink, io.env, ascii), (write) => progress.around(write));
  let server: SpawnServer | undefined;
  const drained = (): void => server?.resumeOutput();
  sink.on('drain', drained);
  progress.start(title);
  const withoutSpinner: WithoutSpinner = async (talk) => {
    progress.stop();
    const said = await talk();
    progress.start(title);
    return said;
  };
  const options = {
    timeoutMs,
    signal: interruption.signal,
    onServer: (started: SpawnServer): void => {
      server = started;
    },
    events: {
      output: (record: ProcessRecord, stream: OutputStream, chunk: Buffer): boolean =>
        output.take(record, stream, chunk),
      ended: (record: ProcessRecord): void => output.end(record),
    },
  };
  try {
    return await work(options, withoutSpinner);
  } finally {
    progress.stop();
    sink.off('drain', drained);
  }
}

/** Says that a run was interrupted, and returns what the process ends with. */
export function interrupted(
  exitCode: number,
  json: boolean,
  io: Io,
  message = 'interrupted; all processes of the run were ended',
): number {
  // Who closed our output does not read what we say about it.
  if (exitCode === 141) return exitCode;
  const error: ErrorReport = { version: REPORT_VERSION, kind: 'error', code: 'ERR_IPC_ABORTED', message, hint: null };
  if (json) io.stdout.write(`${JSON.stringify(error)}\n`);
  else io.stderr.write(`ipc-lab: ${message}\n`);
  return exitCode;
}
