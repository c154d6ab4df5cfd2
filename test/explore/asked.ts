import { runExplore } from '#supervisor/explore/run-explore';
import type { ExploreReport, Granularity } from '#src/report/explore.js';

interface Asked {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly granularity?: Granularity;
  readonly threads?: boolean;
  readonly reduction?: boolean;
  readonly preemptions?: number;
  readonly first?: boolean;
  readonly random?: number;
  readonly seed?: number;
  readonly timeoutMs?: number;
}

/** Explores with this process as the supervisor. The machine may be slow: no deadline of a test's own comes near. */
export async function explored(target: string, asked: Asked = {}): Promise<ExploreReport[]> {
  const { params = {}, granularity = 'operation', threads = false, reduction = true, timeoutMs = 240_000 } = asked;
  const { preemptions = -1, random = 0, seed, first = false } = asked;
  const typed = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));
  const reports = await runExplore(
    { target, params: typed, granularity, threads, reduction, first, preemptions, random, seed },
    { timeoutMs },
  );
  if (reports === undefined) throw new Error('the exploration was interrupted');
  return reports;
}

/** Explores one variant of a program. */
export async function exploredOnce(target: string, asked: Asked = {}): Promise<ExploreReport> {
  const [report, ...more] = await explored(target, asked);
  if (report === undefined || more.length > 0) throw new Error(`${target} has ${more.length + 1} variants`);
  return report;
}

/** What came out, as a set of texts. A deadlock is told by who waits for what. */
export function outcomesOf({ outcomes, deadlocks }: ExploreReport): Set<string> {
  return new Set([
    ...outcomes.map(({ outcome }) => JSON.stringify(outcome)),
    ...deadlocks.map(({ cycle }) => cycle.join('; ')),
  ]);
}
