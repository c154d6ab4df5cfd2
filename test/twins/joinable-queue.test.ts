/** One joins a queue while others report what is done, in every interleaving that nesting reaches: the join ends, and not before all is done. */
import { describe, expect, test } from 'vitest';
import type { Cells } from '#src/memory/cells.js';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { JoinableQueue } from '#src/primitives/joinable-queue.js';
import { bodyCell } from '#src/primitives/primitive.js';
import { SharedLab } from '../shared-lab.ts';
import { Interleavings, sleepingBlindly, type Verdict, Violation, withoutCompareExchange } from './interleavings.ts';
import { steppedMemory } from './stepped-memory.ts';

type Wrap = (cells: Cells, done: number) => Cells;

/** So long that it never passes; with it, a wait does not ask whether anybody is left. */
const LONG_MS = 1e9;

/** What is done is counted with a load and a store. */
const countsInTwoSteps: Wrap = (cells, done) => {
  const loose = withoutCompareExchange(cells);
  return new Proxy(cells, {
    get: (target, name) => {
      if (name !== 'compareExchange') return Reflect.get(target, name) as unknown;
      return (cell: number, expected: number, replacement: number): number =>
        (cell === done ? loose : target).compareExchange(cell, expected, replacement);
    },
  });
};

/** Each of the workers has taken a message out and says that it is done with it. */
function examine(workers: number, wrap: Wrap = (cells) => cells): Verdict[] {
  using lab = new SharedLab(workers + 1);
  const memory = lab.memory(0);
  const queue = JoinableQueue.create(memory);
  const done = bodyCell(queue[SHARED_OBJECT]);
  for (let i = 0; i < workers; i++) queue.put(i);
  while (queue.tryGet() !== undefined);
  return [true, false].map((wakeNewest) => {
    const interleavings = new Interleavings(wakeNewest);
    let told = 0;
    return interleavings.explore({
      reset() {
        memory.cells.store(done, 0);
        told = 0;
      },
      actors: lab.memories.map((each, actor) => {
        const stepped = steppedMemory(each, wrap(interleavings.cells(actor, each.cells), done));
        const handle = JoinableQueue.attach(stepped, queue[SHARED_OBJECT]);
        if (actor > 0) {
          return [
            () => {
              told++;
              handle.taskDone();
            },
          ];
        }
        return [
          () => {
            handle.join(LONG_MS);
            if (told < workers) throw new Violation(`joined after ${told} of ${workers}`);
          },
        ];
      }),
    });
  });
}

const ASLEEP = expect.stringMatching(/nobody is left to wake them/) as string;

function violations(verdicts: readonly Verdict[]): string[] {
  return verdicts.flatMap(({ violation }) => violation ?? []);
}

describe('a queue that is joined', () => {
  test.each([1, 2])('while %i workers finish ends when they have, and not before', (workers) => {
    const verdicts = examine(workers);
    expect(violations(verdicts)).toEqual([]);
    for (const { executions } of verdicts) expect(executions).toBeGreaterThan(workers === 1 ? 10 : 100);
  });

  test('whose count goes up in two steps loses one, and is caught', () => {
    expect(violations(examine(2, countsInTwoSteps))).toContainEqual(ASLEEP);
  });

  test('whose join does not look again before it sleeps is caught', () => {
    expect(violations(examine(1, sleepingBlindly))).toContainEqual(ASLEEP);
  });
});
