/** Carries out `ipc-lab run`: this process is the supervisor of the lab; it owns the terminal, the signals and the deadline. */
import { renderRun, renderRunAll } from '../render/terminal/run.ts';
import { REPORT_VERSION, type RunAllReport, type RunReport } from '../report/run.ts';
import { catalogue, locateScenario } from '../scenario/catalogue.ts';
import type { Question } from '../scenario/outcome.ts';
import { runScenario } from '../scenario/run-scenario.ts';
import { IpcError, isIpcError } from '../core/errors.ts';
import { answerTo, canAnswer } from './answers.ts';
import type { BrokenPipe } from './broken-pipe.ts';
import { Interruption } from './interruption.ts';
import { type Io, styleFor } from './io.ts';
import type { RunPlan } from './plan.ts';
import { interrupted, supervise } from './supervise.ts';

export async function run(planned: RunPlan, io: Io, brokenPipe: BrokenPipe): Promise<number> {
  const interruption = new Interruption(io, brokenPipe);
  try {
    return planned.target === 'all' ? await runAll(planned, io, interruption) : await runOne(planned, io, interruption);
  } catch (error) {
    if (interruption.exitCode === undefined || !isIpcError(error, 'ERR_IPC_ABORTED')) throw error;
    return interrupted(interruption.exitCode, planned.json, io);
  } finally {
    interruption.dispose();
  }
}

async function runOne(planned: RunPlan, io: Io, interruption: Interruption): Promise<number> {
  const report = await superviseRun(locateScenario(planned.target), planned, io, interruption);
  if (interruption.exitCode !== undefined) return interrupted(interruption.exitCode, planned.json, io);
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
    const report = await superviseRun(url, planned, io, interruption);
    if (interruption.exitCode !== undefined) return interrupted(interruption.exitCode, planned.json, io);
    runs.push(report);
    if (!planned.json && !report.ok) io.stdout.write(`${renderRun(report, style)}\n`);
  }
  const all: RunAllReport = { version: REPORT_VERSION, kind: 'run-all', ok: runs.every(({ ok }) => ok), runs };
  io.stdout.write(planned.json ? `${JSON.stringify(all)}\n` : renderRunAll(all, style));
  return all.ok ? 0 : 1;
}

function superviseRun(url: string, planned: RunPlan, io: Io, interruption: Interruption): Promise<RunReport> {
  const { params, memoryBytes, json, target } = planned;
  const mayAsk = target !== 'all' && canAnswer(io, json);
  return supervise(nameOf(url), planned, io, interruption, ({ timeoutMs, ...options }, withoutSpinner) => {
    const ask = ({ text }: Question): Promise<string | undefined> =>
      withoutSpinner(() => answerTo(text, io, interruption, { json, timeoutMs }));
    return runScenario(url, { ...options, timeoutMs, params, memoryBytes, ...(mayAsk ? { ask } : {}) });
  });
}

function nameOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1).replace(/\.[cm]?js$/, '');
}
