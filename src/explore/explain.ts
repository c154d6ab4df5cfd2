/** One sentence that says what a replayed execution did wrong, where its steps show one of the known patterns. */
import type { TraceStepReport } from '../report/explore.ts';

const DEADLOCK = 'deadlock: ';

/** The sentence for an execution, from its steps and its outcome. */
export function explain(steps: readonly TraceStepReport[], outcome: string, failed: boolean): string {
  if (failed)
    return outcome.startsWith(DEADLOCK) ? `Nobody can go on: ${outcome.slice(DEADLOCK.length)}.` : `${outcome}.`;
  return lostUpdate(steps) ?? inBrief(steps, outcome);
}

/** Two actors loaded the same value of one object, and both stored: the later store wiped out the earlier. */
function lostUpdate(steps: readonly TraceStepReport[]): string | undefined {
  for (const [i, first] of steps.entries()) {
    if (first.operation !== 'LOAD') continue;
    const second = steps.findIndex(
      (step, k) =>
        k > i &&
        step.operation === 'LOAD' &&
        step.object === first.object &&
        step.actor !== first.actor &&
        step.value === first.value,
    );
    if (second < 0) continue;
    const other = steps[second]?.actor;
    const stores = steps
      .map((step, k) => ({ ...step, k }))
      .filter((step) => step.operation === 'STORE' && step.object === first.object && step.k > i);
    const earlier = stores[0];
    const later = stores.find((step) => step.actor !== earlier?.actor);
    if (
      earlier === undefined ||
      later === undefined ||
      earlier.k < second ||
      ![earlier.actor, later.actor].includes(other ?? '')
    )
      continue;
    return `${first.actor} read ${show(first.value)}, ${other} read ${show(first.value)} too; ${earlier.actor} wrote ${show(earlier.value)} and ${later.actor} wrote ${show(later.value)} over it: what ${earlier.actor} did is gone.`;
  }
  return undefined;
}

function inBrief(steps: readonly TraceStepReport[], outcome: string): string {
  const preemptions = steps.filter(({ preempts }) => preempts).length;
  return `After ${steps.length} steps with ${preemptions === 1 ? '1 preemption' : `${preemptions} preemptions`} the outcome is ${outcome}.`;
}

function show(value: unknown): string {
  return JSON.stringify(value);
}
