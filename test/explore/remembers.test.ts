/** What an actor remembers reaches neither another variant nor a verdict. */
import { describe, expect, test } from 'vitest';
import { leaveNothing } from '../integration/nothing-left.ts';
import { fixtureFile } from '../run-fixture.ts';
import { explored } from './asked.ts';

const REMEMBERS = fixtureFile(import.meta.url, 'remembers');
const WAYS = [
  { threads: false, granularity: 'operation' },
  { threads: true, granularity: 'operation' },
  { threads: false, granularity: 'cell' },
] as const;

leaveNothing();

describe.each(WAYS)('with $granularity as a step (threads: $threads)', { timeout: 300_000 }, (way) => {
  test('what it has prepared for one variant is not there in the other', async () => {
    const reports = await explored(REMEMBERS, way);
    expect(reports.map(({ verdict }) => verdict)).toEqual(['PROVEN', 'VIOLATION']);
  });
});

test('what it does only in its first execution keeps the program from being proven', { timeout: 300_000 }, async () => {
  await expect(explored(REMEMBERS, { params: { what: 'warms-up', variant: 'safe' } })).rejects.toMatchObject({
    code: 'ERR_IPC_EXPLORATION_FAILED',
    message: expect.stringMatching(/did something else when the same schedule was run again/) as string,
  });
});
