/** Grades and outcomes as a program without types may give them: what is none proves nothing. */
import { describe, expect, test } from 'vitest';
import { leaveNothing } from '../integration/nothing-left.ts';
import { fixtureFile } from '../run-fixture.ts';
import { exploredOnce } from './asked.ts';

const ODD_SHAPES = fixtureFile(import.meta.url, 'odd-shapes');

leaveNothing();

describe('a program that is wrong itself', { timeout: 300_000 }, () => {
  test.each([
    ['grade-misspelt', /not "forbiden", for the outcome "done"/],
    ['grade-boolean', /not false,/],
    ['grade-nothing', /not undefined,/],
    ['grade-later', /not a promise,/],
  ])('a grade that is none proves nothing: %s', async (shape, message) => {
    await expect(exploredOnce(ODD_SHAPES, { params: { shape } })).rejects.toMatchObject({
      code: 'ERR_IPC_SCENARIO_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });

  test.each([
    ['outcome-later', 'outcome() is asynchronous: what it comes to would not be seen'],
    ['outcome-function', 'outcome() gave a function, which JSON cannot hold'],
  ])('an outcome that is none: %s', async (shape, said) => {
    const report = await exploredOnce(ODD_SHAPES, { params: { shape } });
    expect(report).toMatchObject({ verdict: 'VIOLATION', outcomes: [{ outcome: said, failed: true }] });
  });
});
