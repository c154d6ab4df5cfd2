/** Carries out `ipc-lab explore` and `ipc-lab replay`. */
import { runExplore, runReplay } from '../explore/run-explore.ts';
import { renderExplore } from '../render/terminal/explore.ts';
import { renderReplay } from '../render/terminal/replay.ts';
import type { ExploreAllReport, ExploreReport } from '../report/explore.ts';
import { REPORT_VERSION } from '../report/run.ts';
import type { BrokenPipe } from './broken-pipe.ts';
import type { ExplorePlan, ReplayPlan } from './explore-plan.ts';
import { Interruption } from './interruption.ts';
import { type Io, styleFor } from './io.ts';
import { interrupted, supervise } from './supervise.ts';
import { refuseUnwritable, saveTokens, tokenFrom } from './token-file.ts';

const INCONCLUSIVE = 3;

export async function explore(planned: ExplorePlan, io: Io, brokenPipe: BrokenPipe): Promise<number> {
  if (planned.save !== undefined) refuseUnwritable(planned.save);
  const interruption = new Interruption(io, brokenPipe);
  try {
    const reports = await supervise(
      `every interleaving of ${planned.target}`,
      { ...planned, outputApart: true },
      io,
      interruption,
      (options) => runExplore(planned, options),
    );
    if (interruption.exitCode !== undefined || reports === undefined)
      return interrupted(interruption.exitCode ?? 1, planned.json, io);
    if (planned.save !== undefined) saveTokens(planned.save, reports);
    io.stdout.write(
      planned.json
        ? `${JSON.stringify(documentOf(reports))}\n`
        : renderExplore(reports, styleFor(io.stdout, io.env, planned.ascii)),
    );
    return exitCodeOf(reports);
  } finally {
    interruption.dispose();
  }
}

export async function replay(planned: ReplayPlan, io: Io, brokenPipe: BrokenPipe): Promise<number> {
  const interruption = new Interruption(io, brokenPipe);
  try {
    const token = tokenFrom(planned.token);
    const report = await supervise(
      `replaying ${token}`,
      { ...planned, outputApart: true },
      io,
      interruption,
      (options) => runReplay(token, options),
    );
    if (interruption.exitCode !== undefined || report === undefined)
      return interrupted(interruption.exitCode ?? 1, planned.json, io);
    const style = styleFor(io.stdout, io.env, planned.ascii);
    io.stdout.write(planned.json ? `${JSON.stringify(report)}\n` : renderReplay(report, planned.all, style));
    return report.same === report.runs ? 0 : 1;
  } finally {
    interruption.dispose();
  }
}

/** One exploration is a document; without and with a lock, a document of both. */
function documentOf(reports: readonly ExploreReport[]): ExploreReport | ExploreAllReport {
  const [first] = reports;
  if (reports.length === 1 && first !== undefined) return first;
  return { version: REPORT_VERSION, kind: 'explore-all', ok: exitCodeOf(reports) === 0, explorations: reports };
}

/** 0: what was announced was seen, a program that is meant to go wrong included; 1: what must not be; 3: a bound was hit. */
function exitCodeOf(reports: readonly ExploreReport[]): number {
  if (reports.some(({ verdict, meantToFail }) => verdict === 'VIOLATION' && !meantToFail)) return 1;
  return reports.some(({ verdict }) => verdict === 'INCOMPLETE') ? INCONCLUSIVE : 0;
}
