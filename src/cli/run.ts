/** Carries out `ipc-lab run`: this process is the supervisor of the lab; it owns the terminal, the signals and the deadline. */
import { renderRun, renderRunAll } from '../render/terminal/run.ts';
import { REPORT_VERSION, type RunAllReport, type RunReport } from '../report/run.ts';
import { catalogue, locateScenario } from '../scenario/catalogue.ts';
import { DEFAULT_TIMEOUT_MS, runScenario } from '../scenario/run-scenario.ts';
import type { SpawnServer } from '../process/spawn-server.ts';
import { IpcError } from '../core/errors.ts';
import type { BrokenPipe } from './broken-pipe.ts';
import { Interruption } from './interruption.ts';
import { type Io, isScreen, styleFor } from './io.ts';
import { LiveOutput } from './live-output.ts';
import type { RunPlan } from './plan.ts';
import { Progress } from './progress.ts';

export async function run(planned: RunPlan, io: Io, brokenPipe: BrokenPipe): Promise<number> {
  const interruption = new Interruption(io, brokenPipe);
  try {
    return planned.target === 'all' ? await runAll(planned, io, interruption) : await runOne(planned, io, interruption);
  } finally {
    interruption.dispose();
  }
}

async function runOne(planned: RunPlan, io: Io, interruption: Interruption): Promise<number> {
  const report = await supervise(locateScenario(planned.target), planned, io, interruption);
  if (interruption.exitCode !== undefined) return interrupted(interruption.exitCode, io);
  io.stdout.write(
    planned.json ? `${JSON.stringify(report)}\n` : renderRun(report, styleFor(io.stdout, io.env, planned.ascii)),
  );
  return report.ok ? 0 : 1;
}

/** One scenario's failure does not stop the others. */
async function runAll(planned: RunPlan, io: Io, interruption: Interruption): Promise<number> {
  if (Object.keys(planned.params).length > 0) {
    throw new IpcError(
      'ERR_IPC_BAD_PARAMETER',
      `run all takes no parameters of scenarios, but --${Object.keys(planned.params)[0]} was given`,
      {
        hint: 'Give parameters when you run one scenario by name.',
      },
    );
  }
  const style = styleFor(io.stdout, io.env, planned.ascii);
  const runs: RunReport[] = [];
  for (const { url } of catalogue()) {
    const report = await supervise(url, planned, io, interruption);
    if (interruption.exitCode !== undefined) return interrupted(interruption.exitCode, io);
    runs.push(report);
    if (!planned.json && !report.ok) io.stdout.write(`${renderRun(report, style)}\n`);
  }
  const all: RunAllReport = { version: REPORT_VERSION, kind: 'run-all', ok: runs.every(({ ok }) => ok), runs };
  io.stdout.write(planned.json ? `${JSON.stringify(all)}\n` : renderRunAll(all, style));
  return all.ok ? 0 : 1;
}

/** Runs a scenario with its output live: on stdout for a person; on stderr when stdout is for a program. */
async function supervise(url: string, planned: RunPlan, io: Io, interruption: Interruption): Promise<RunReport> {
  const sink = planned.json ? io.stderr : io.stdout;
  const progress = new Progress(io.stderr, isScreen(io.stderr) && !planned.json);
  const output = new LiveOutput(sink, styleFor(sink, io.env, planned.ascii), (write) => progress.around(write));
  let server: SpawnServer | undefined;
  const drained = (): void => server?.resumeOutput();
  sink.on('drain', drained);
  progress.start(nameOf(url));
  try {
    return await runScenario(url, {
      params: planned.params,
      timeoutMs: planned.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      memoryBytes: planned.memoryBytes,
      signal: interruption.signal,
      onServer: (started) => {
        server = started;
      },
      events: {
        output: (record, stream, chunk) => output.take(record, stream, chunk),
        ended: (record) => output.end(record),
      },
    });
  } finally {
    progress.stop();
    sink.off('drain', drained);
  }
}

function interrupted(exitCode: number, io: Io): number {
  // Who closed our output does not read what we say about it.
  if (exitCode !== 141) io.stderr.write('ipc-lab: interrupted; all processes of the run were ended\n');
  return exitCode;
}

function nameOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1).replace(/\.[cm]?js$/, '');
}
