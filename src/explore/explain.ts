/** One sentence that says what a replayed execution did wrong, where its steps show one of the known patterns. */
import type { TraceStepReport } from '../report/explore.ts';

const DEADLOCK = 'deadlock: ';

/** The sentence for an execution, from its steps and its outcome. */
export function explain(steps: readonly TraceStepReport[], outcome: string, failed: boolean): string {
  if (failed)
    return outcome.startsWith(DEADLOCK) ? `Nobody can go on: ${outcome.slice(DEADLOCK.length)}.` : `${outcome}.`;
  return lostUpdate(steps) ?? overtaken(steps) ?? inBrief(steps, outcome);
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
    if (earlier === undefined || later === undefined || earlier.k < second) continue;
    if (![earlier.actor, later.actor].every((actor) => actor === first.actor || actor === other)) continue;
    // Who looked again before it stored knew what the other had done.
    if (steps.slice(earlier.k, later.k).some((step) => loads(step, first.object) && step.actor === later.actor))
      continue;
    return `${first.actor} read ${show(first.value)}, ${other} read ${show(first.value)} too; ${earlier.actor} wrote ${show(earlier.value)} and ${later.actor} wrote ${show(later.value)} over it: what ${earlier.actor} did is gone.`;
  }
  return undefined;
}

/** An actor was told to go on, and before it had the lock again a third one changed what it had looked at. */
function overtaken(steps: readonly TraceStepReport[]): string | undefined {
  for (const [told, { operation, object, actor: teller }] of steps.entries()) {
    if (operation !== 'NOTIFY') continue;
    const awake = steps.findIndex((step, k) => k > told && step.operation === 'AWAKE' && step.object === object);
    const waiter = steps[awake]?.actor;
    if (waiter === undefined) continue;
    const seen = steps.findLast((step, k) => k < told && step.actor === waiter && step.operation === 'LOAD');
    const change = steps.find(
      (step, k) =>
        k > told &&
        k < awake &&
        step.operation === 'STORE' &&
        step.object === seen?.object &&
        step.actor !== teller &&
        step.actor !== waiter,
    );
    if (change === undefined) continue;
    return `${teller} told ${waiter} to go on, but before ${waiter} had the lock again, ${change.actor} wrote ${show(change.value)} to ${change.object}.`;
  }
  return undefined;
}

function loads(step: TraceStepReport, object: string | null): boolean {
  return step.operation === 'LOAD' && step.object === object;
}

function inBrief(steps: readonly TraceStepReport[], outcome: string): string {
  const preemptions = steps.filter(({ preempts }) => preempts).length;
  return `After ${steps.length} steps with ${preemptions === 1 ? '1 preemption' : `${preemptions} preemptions`} the outcome is ${outcome}.`;
}

function show(value: unknown): string {
  return JSON.stringify(value);
}
