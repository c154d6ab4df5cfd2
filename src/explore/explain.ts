/** One sentence that says what a replayed execution did wrong, where its steps show one of the known patterns. */
import type { TraceStepReport } from '../report/explore.ts';

const DEADLOCK = 'deadlock: ';

/** The sentence for an execution, from its steps and its outcome. */
export function explain(steps: readonly TraceStepReport[], outcome: string, failed: boolean): string {
  if (failed)
    return outcome.startsWith(DEADLOCK) ? `Nobody can go on: ${outcome.slice(DEADLOCK.length)}.` : `${outcome}.`;
  return lostUpdate(steps) ?? torn(steps) ?? overtaken(steps) ?? inBrief(steps, outcome);
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
    return `${first.actor} read ${first.object} = ${show(first.value)}, ${other} too; ${earlier.actor} wrote ${show(earlier.value)} and ${later.actor} wrote ${show(later.value)} over it: what ${earlier.actor} did is gone.`;
  }
  return undefined;
}

/** One actor read two elements of an array, and another wrote both: the first had one before that and the other after it. */
function torn(steps: readonly TraceStepReport[]): string | undefined {
  const loaded = steps.map((step, k) => ({ ...step, k })).filter(({ operation }) => operation === 'LOAD');
  for (const [i, first] of loaded.entries()) {
    const second = loaded
      .slice(i + 1)
      .find(({ actor, object }) => actor === first.actor && object !== first.object && areOfOne(object, first.object));
    if (second === undefined) continue;
    for (const writer of new Set(steps.map(({ actor }) => actor))) {
      if (writer === first.actor) continue;
      const wrote = [first, second].map(({ object }) =>
        steps.findIndex((step) => step.actor === writer && step.operation === 'STORE' && step.object === object),
      );
      if (wrote.includes(-1)) continue;
      const saw = [first, second].map(({ k }, which) => (wrote[which] as number) < k);
      if (saw[0] === saw[1]) continue;
      const what = [first, second].map(
        ({ object, value }, which) =>
          `${object} = ${show(value)} ${saw[which] ? 'after' : 'before'} ${writer} wrote it`,
      );
      return `${first.actor} read ${what.join(', and ')}: half of one, half of the other.`;
    }
  }
  return undefined;
}

/** Whether both are elements of the same array. */
function areOfOne(object: string | null, other: string | null): boolean {
  const [array, index] = (object ?? '').split(/\[(?=\d+\]$)/);
  return index !== undefined && other?.split(/\[(?=\d+\]$)/)[0] === array;
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
