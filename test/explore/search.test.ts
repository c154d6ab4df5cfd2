/** The search against a brute-force enumeration, on programs of two and three actors, without any process. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { LabMemory } from '#src/memory/lab-memory.js';
import { currentPlatform } from '#src/platform/current.js';
import { type Actors, bruteForce, preemptionsOf, searched, type Step } from './programs-in-memory.ts';

let memory: LabMemory;
beforeAll(() => {
  memory = LabMemory.create(currentPlatform(), 4 * 1024 * 1024);
  return () => memory.close();
});

const access = fc.record<Step>({ kind: fc.constantFrom('load', 'store'), place: fc.integer({ min: 0, max: 1 }) });
const unguarded: fc.Arbitrary<Actors> = fc
  .integer({ min: 2, max: 3 })
  .chain((actors) =>
    fc.array(fc.array(access, { maxLength: actors === 2 ? 5 : 3 }), { minLength: actors, maxLength: actors }),
  );

/** Steps, some of them under one lock or under one within another. */
const guarded: fc.Arbitrary<Actors> = fc.array(
  fc
    .tuple(fc.array(access, { maxLength: 1 }), fc.shuffledSubarray([0, 1]), fc.array(access, { maxLength: 2 }))
    .map(([before, locks, inside]): Step[] => [
      ...before,
      ...locks.map((place): Step => ({ kind: 'lock', place })),
      ...inside,
      ...locks.toReversed().map((place): Step => ({ kind: 'unlock', place })),
    ]),
  { minLength: 2, maxLength: 3 },
);
const small = guarded.filter((actors) => actors.reduce((sum, steps) => sum + steps.length, 0) <= 11);

const schedules = (executions: readonly { readonly schedule: string }[]): string[] =>
  executions.map(({ schedule }) => schedule).toSorted();
const states = (executions: readonly { readonly state: string }[]): Set<string> =>
  new Set(executions.map(({ state }) => state));

function multinomial(lengths: readonly number[]): number {
  let count = 1;
  let steps = 0;
  for (const length of lengths) for (let i = 1; i <= length; i++) count = (count * ++steps) / i;
  return Math.round(count);
}

describe('without reduction', () => {
  test('every schedule is run exactly once', () => {
    fc.assert(
      fc.property(unguarded, (actors) => {
        const found = searched(memory, actors);
        expect(schedules(found)).toEqual(schedules(bruteForce(actors)));
        expect(found).toHaveLength(multinomial(actors.map(({ length }) => length)));
      }),
      { numRuns: 60 },
    );
  });

  test('also where locks let nobody or somebody else through', () => {
    fc.assert(
      fc.property(small, (actors) => {
        expect(schedules(searched(memory, actors))).toEqual(schedules(bruteForce(actors)));
      }),
      { numRuns: 40 },
    );
  });
});

describe('with reduction', () => {
  test.each([
    ['loads and stores', unguarded],
    ['locks', small],
  ])('the same final states and deadlocks are reached by fewer schedules: %s', (_name, programs) => {
    fc.assert(
      fc.property(programs, (actors) => {
        const all = bruteForce(actors);
        const found = searched(memory, actors, { reduction: true });
        expect(states(found)).toEqual(states(all));
        expect(found.length).toBeLessThanOrEqual(all.length);
        expect(schedules(all)).toEqual(expect.arrayContaining(schedules(found)));
      }),
      { numRuns: 120 },
    );
  });

  test('actors that touch nothing in common need one schedule', () => {
    const actors = [0, 1, 2].map((place): Step[] => [
      { kind: 'load', place },
      { kind: 'store', place },
    ]);
    expect(searched(memory, actors, { reduction: true })).toHaveLength(1);
    expect(searched(memory, actors)).toHaveLength(90);
  });

  test('a search that takes dependent steps for independent ones would be caught', () => {
    // Run with one place for all, but told to the search as if each actor had a place of its own.
    const actors: Actors = [
      [
        { kind: 'load', place: 0 },
        { kind: 'store', place: 0 },
      ],
      [
        { kind: 'load', place: 0 },
        { kind: 'store', place: 0 },
      ],
    ];
    const apart = actors.map((steps, place) => steps.map((step) => ({ ...step, place })));
    const taken = searched(memory, apart, { reduction: true }).map(({ schedule }) => schedule);
    const reached = bruteForce(actors).filter(({ schedule }) => taken.includes(schedule));
    expect(states(reached).size).toBeLessThan(states(bruteForce(actors)).size);
  });
});

describe('bounded', () => {
  test.each([0, 1, 2])('by %i preemptions: exactly the schedules with no more', (preemptionBound) => {
    fc.assert(
      fc.property(fc.oneof(unguarded, small), (actors) => {
        const within = bruteForce(actors).filter(({ schedule }) => preemptionsOf(actors, schedule) <= preemptionBound);
        expect(schedules(searched(memory, actors, { preemptionBound }))).toEqual(schedules(within));
      }),
      { numRuns: 40 },
    );
  });

  test('at random: the same seed draws the same schedules, all of them possible', () => {
    fc.assert(
      fc.property(unguarded, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (actors, seed) => {
        const drawn = searched(memory, actors, { seed, draws: 20 });
        expect(searched(memory, actors, { seed, draws: 20 })).toEqual(drawn);
        expect(schedules(bruteForce(actors))).toEqual(expect.arrayContaining(schedules(drawn)));
      }),
      { numRuns: 30 },
    );
  });

  test('at random: another seed draws others, and in time every schedule is drawn', () => {
    const actors: Actors = [0, 1].map(() => [
      { kind: 'load', place: 0 },
      { kind: 'store', place: 0 },
    ]);
    const drawn = (seed: number, draws: number): string[] =>
      searched(memory, actors, { seed, draws }).map(({ schedule }) => schedule);
    expect(drawn(7, 20)).not.toEqual(drawn(8, 20));
    expect(new Set(drawn(7, 500)).size).toBe(6);
  });
});
