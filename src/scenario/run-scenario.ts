/**
 * Runs one scenario from outside: makes the lab's memory, starts the main process, serves its requests until it ends or time is up, ends
 * what is left, and reports. This is the supervisor's work; it never blocks.
 */
import { fileURLToPath } from 'node:url';
import { IpcError, type ErrorCode } from '../core/errors.ts';
import { whoWaits } from '../lab/who-waits.ts';
import { LabMemory } from '../memory/lab-memory.ts';
import { HEADER } from '../memory/layout.ts';
import { registerPrimitives } from '../primitives/attach-table.ts';
import { tidyDirectoryLocks } from '../primitives/directory-lock.ts';
import { currentPlatform } from '../platform/current.ts';
import type { ErrorRecord } from '../process/child-runtime.ts';
import type { ProcessRecord } from '../process/process-record.ts';
import { SpawnServer, type SpawnEvents } from '../process/spawn-server.ts';
import { type FailureReport, type ProcessReport, REPORT_VERSION, type RunReport } from '../report/run.ts';
import { describeMachine } from './machine.ts';
import type { Announcement, MainTask, Outcome, Question } from './outcome.ts';

export const DEFAULT_TIMEOUT_MS = 60_000;
/** How long processes have to end when they are asked to, before they are made to. */
const GRACE_MS = 300;

export interface RunOptions {
  /** Parameters as they were typed: flag to text. */
  readonly params?: Readonly<Record<string, string>>;
  /** The deadline of the run as a whole. */
  readonly timeoutMs?: number;
  /** Size of the lab's memory. */
  readonly memoryBytes?: number | undefined;
  /** Ends the run early. */
  readonly signal?: AbortSignal;
  readonly events?: Partial<SpawnEvents>;
  /** Called with the means to let output flow again after {@link SpawnEvents.output} has said no. */
  readonly onServer?: (server: SpawnServer) => void;
  /** Answers a question about a parameter that was not given; undefined: take its default. Without it nothing is asked. */
  readonly ask?: (question: Question) => Promise<string | undefined>;
}

/**
 * Runs the scenario at a URL and reports how it went, whatever happened in it.
 * @throws IpcError with the code of a mistake of the user's: a file that is no scenario, a parameter that does not exist
 */
export async function runScenario(url: string, options: RunOptions = {}): Promise<RunReport> {
  const { ask, params = {} } = options;
  const report = await attempt(url, options, ask !== undefined);
  if (!isQuestions(report)) return report;
  // Only its own process may load a scenario, so it has said what to ask and ended; now it starts again.
  const answers: Record<string, string> = {};
  for (const question of report) {
    const answer = await ask?.(question);
    if (answer !== undefined) answers[question.flag] = answer;
  }
  return (await attempt(url, { ...options, params: { ...params, ...answers } }, false)) as RunReport;
}

function isQuestions(result: RunReport | readonly Question[]): result is readonly Question[] {
  return Array.isArray(result);
}

async function attempt(url: string, options: RunOptions, mayAsk: boolean): Promise<RunReport | readonly Question[]> {
  const started = performance.now();
  const { params = {}, timeoutMs = DEFAULT_TIMEOUT_MS, signal, events } = options;
  const memory = LabMemory.create(currentPlatform(), options.memoryBytes);
  registerPrimitives(memory);
  let mainEnded: () => void = () => {};
  const untilMainEnds = new Promise<void>((resolve) => {
    mainEnded = resolve;
  });
  const server = new SpawnServer(memory, fileURLToPath(new URL('../start/child.js', import.meta.url)), {
    output: (record, stream, chunk) => events?.output?.(record, stream, chunk) ?? true,
    started: (record) => events?.started?.(record),
    ended: (record) => {
      events?.ended?.(record);
      if (record === main) mainEnded();
    },
  });
  options.onServer?.(server);
  const failures: FailureReport[] = [];
  const stop = interruption(timeoutMs, signal);
  const task: MainTask = { url, params, mayAsk };
  const main = server.start('main', fileURLToPath(new URL('../start/main.js', import.meta.url)), task);
  try {
    const interrupted = await Promise.race([untilMainEnds, stop.promise]);
    if (interrupted === 'deadline') failures.push(missedDeadline(memory, timeoutMs));
    if (interrupted === 'aborted') failures.push(failure('ERR_IPC_ABORTED', 'the run was interrupted'));
    await server.endAll(GRACE_MS);
    const announcement = takeBlob(memory, HEADER.announcement) as Announcement | undefined;
    const outcome = takeBlob(memory, HEADER.outcome) as Outcome | undefined;
    if (outcome?.kind === 'refused') throw refusal(outcome.error);
    if (outcome?.kind === 'asks') return outcome.questions;
    const finished = outcome?.kind === 'finished' ? outcome : undefined;
    // The main process comes last: where a child failed, that is the cause and main's failure the consequence.
    for (const record of [...server.records.slice(1), main]) {
      if (isErrorRecord(record.error)) failures.push(thrownIn(record, record.error));
    }
    if (finished === undefined && failures.every((each) => each.process !== 'main') && !main.endedBySupervisor) {
      failures.push(
        main.pid === 0
          ? failure('ERR_IPC_SPAWN_FAILED', `the operating system did not start main: ${String(main.error)}`)
          : failure('ERR_IPC_CHILD_FAILED', `main (pid ${main.pid}) ${howItEnded(main)} before run() had returned`),
      );
    }
    return {
      version: REPORT_VERSION,
      kind: 'run',
      scenario: announcement?.scenario ?? url,
      title: announcement?.title ?? '',
      ok: finished?.ok === true && main.exitCode === 0,
      result: finished?.result ?? null,
      expected: finished?.expected ?? null,
      grade: finished?.grade ?? null,
      params: announcement?.params ?? {},
      wallMs: performance.now() - started,
      processes: server.records.map(processReport),
      shared: (finished?.shared ?? []).map((each) => ({ ...each, code: each.code ?? null })),
      failures,
      notes: notesOn(server.records),
      machine: describeMachine(),
    };
  } finally {
    stop.clear();
    await server.endAll(0);
    tidyDirectoryLocks(memory);
    memory.close();
  }
}

function interruption(
  timeoutMs: number,
  signal: AbortSignal | undefined,
): { promise: Promise<'deadline' | 'aborted'>; clear: () => void } {
  let clear = (): void => {};
  const promise = new Promise<'deadline' | 'aborted'>((resolve) => {
    const abort = (): void => resolve('aborted');
    const timer = setTimeout(() => resolve('deadline'), timeoutMs);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    clear = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
  });
  return { promise, clear };
}

function takeBlob(memory: LabMemory, cell: number): unknown {
  const blob = memory.cells.load(cell);
  return blob === 0 ? undefined : memory.take(blob);
}

function missedDeadline(memory: LabMemory, timeoutMs: number): FailureReport {
  const { lines, deadlock } = whoWaits(memory);
  return {
    ...failure('ERR_IPC_DEADLINE', [`not finished after ${timeoutMs / 1000} s:`, ...lines].join('\n  ')),
    hint: deadlock
      ? 'More time will not help. Take locks in the same order in every process; take the same lock twice only if it is an RLock.'
      : 'Give it longer with --timeout, in seconds.',
  };
}

function failure(code: ErrorCode, message: string): FailureReport {
  return { code, message, hint: null, process: null, stack: null };
}

function thrownIn(record: ProcessRecord, error: ErrorRecord): FailureReport {
  return {
    code: error.code ?? error.name,
    message: error.message,
    hint: error.hint ?? null,
    process: record.name,
    stack: error.stack,
  };
}

function refusal(error: ErrorRecord): IpcError {
  return new IpcError(error.code as ErrorCode, error.message, { hint: error.hint });
}

function isErrorRecord(error: unknown): error is ErrorRecord {
  return typeof error === 'object' && error !== null && 'message' in error;
}

function howItEnded(record: ProcessRecord): string {
  if (record.pid === 0) return 'was not started';
  return record.signal === null ? `exited with code ${record.exitCode}` : `was ended by ${record.signal}`;
}

function processReport(record: ProcessRecord): ProcessReport {
  const { name, pid, thread, exitCode, signal, requestedAt, readyAt, doneAt } = record;
  return {
    name,
    pid,
    ...(thread ? { thread } : {}),
    exitCode,
    signal,
    startMs: readyAt === 0 ? null : readyAt - requestedAt,
    workMs: readyAt === 0 || doneAt === 0 ? null : doneAt - readyAt,
  };
}

function notesOn(records: readonly ProcessRecord[]): string[] {
  return records
    .filter(
      (record) =>
        record.name !== 'main' && (record.endedBySupervisor || (record.exitCode !== 0 && !isErrorRecord(record.error))),
    )
    .map(
      (record) =>
        `${record.name} (pid ${record.pid}) ${record.endedBySupervisor ? 'was still running at the end and was ended' : howItEnded(record)}`,
    );
}
