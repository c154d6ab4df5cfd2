/** Carries out `ipc-lab race`. */
import { runRace } from '../race/run-race.ts';
import { renderRace } from '../render/terminal/race.ts';
import type { RaceReport } from '../report/race.ts';
import type { BrokenPipe } from './broken-pipe.ts';
import { Interruption } from './interruption.ts';
import { type Io, styleFor } from './io.ts';
import type { RacePlan } from './race-plan.ts';
import { interrupted, supervise } from './supervise.ts';

const EXIT_CODES: Readonly<Record<RaceReport['verdict'], number>> = {
  'as-announced': 0,
  'lock-lost-updates': 1,
  inconclusive: 3,
};

/** @param program the module that the racing processes load; by default the one that comes with ipc-lab. */
export async function race(planned: RacePlan, io: Io, brokenPipe: BrokenPipe, program?: string): Promise<number> {
  const interruption = new Interruption(io, brokenPipe);
  try {
    const title = `${planned.processes} ${planned.processes === 1 ? 'process races' : 'processes race'}: ${planned.locks.map((lock) => (lock === 'none' ? 'no lock' : lock)).join(', then ')}`;
    const report = await supervise(title, planned, io, interruption, (options) => runRace(planned, options, program));
    if (interruption.exitCode !== undefined) return interrupted(interruption.exitCode, planned.json, io);
    if (report === undefined) throw new Error('a race ended early though nobody interrupted it');
    const style = styleFor(io.stdout, io.env, planned.ascii);
    io.stdout.write(planned.json ? `${JSON.stringify(report)}\n` : renderRace(report, style, planned.large));
    return EXIT_CODES[report.verdict];
  } finally {
    interruption.dispose();
  }
}
