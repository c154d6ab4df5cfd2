/** Carries out `ipc-lab bench`. */
import { runBench } from '../bench/run-bench.ts';
import { isIpcError } from '../core/errors.ts';
import { renderBenchMarkdown } from '../render/markdown/bench.ts';
import { renderBench } from '../render/terminal/bench.ts';
import type { BenchReport } from '../report/bench.ts';
import type { BrokenPipe } from './broken-pipe.ts';
import { Interruption } from './interruption.ts';
import { type Io, mayDraw, styleFor } from './io.ts';
import type { BenchPlan } from './plan.ts';
import { Progress } from './progress.ts';
import { interrupted } from './supervise.ts';

export async function bench(planned: BenchPlan, io: Io, brokenPipe: BrokenPipe): Promise<number> {
  const interruption = new Interruption(io, brokenPipe);
  const progress = new Progress(io.stderr, mayDraw(io.stderr, io.env, planned.ascii));
  progress.start('bench');
  try {
    const report = await runBench({
      mechanisms: planned.mechanisms,
      ...(planned.samples === undefined ? {} : { samples: planned.samples }),
      oneCore: planned.oneCore,
      signal: interruption.signal,
      onProgress: (done, total, what) => progress.say(`${Math.round((done / total) * 100)} %  ${what}`),
    });
    progress.stop();
    io.stdout.write(textOf(report, planned, io));
    return interruption.exitCode ?? 0;
  } catch (error) {
    if (interruption.exitCode === undefined || !isIpcError(error)) throw error;
    progress.stop();
    return interrupted(interruption.exitCode, planned.json, io, 'interrupted; nothing that was measured is shown');
  } finally {
    progress.stop();
    interruption.dispose();
  }
}

function textOf(report: BenchReport, { json, markdown, ascii }: BenchPlan, io: Io): string {
  if (json) return `${JSON.stringify(report)}\n`;
  return markdown ? renderBenchMarkdown(report) : renderBench(report, styleFor(io.stdout, io.env, ascii));
}
