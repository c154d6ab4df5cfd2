/** What a manager and its dicts do between operating-system processes. Each fixture says itself what must come out. */
import { describe, expect, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

refuseLeaks();

test('every method of a dict does what it does on a map, blocking and async, in main and in a child', async () => {
  await resultOf(import.meta.url, 'dict-methods');
});

test('any number of requests under way are done in the order in which they were made', async () => {
  await resultOf(import.meta.url, 'dict-order');
});

test.each(['reads', 'killed'])(
  'a client that does not read its replies keeps nobody waiting (and then %s)',
  async (ending) => {
    await resultOf(import.meta.url, 'dict-deaf-client', { ending });
  },
);

test.each(['killed', 'terminated', 'shut-down'])(
  'a manager that was %s is noticed by who waits for it and by who asks later, and another goes on',
  async (ending) => {
    await resultOf(import.meta.url, 'dict-server-gone', { ending });
  },
);

test.each([
  ['process', 'false'],
  ['process', 'true'],
  ['thread', 'false'],
])('what is kept for a client (a %s) is given back when it has ended (killed: %s)', async (way, kill) => {
  await resultOf(import.meta.url, 'dict-many-clients', { way, kill });
});

test('an answer that shared memory has no room for is an error of that request alone', async () => {
  await resultOf(import.meta.url, 'dict-too-large', {}, { memoryBytes: 32 * 1024 * 1024 });
});

describe.each(['process', 'thread'])('adding to an entry from four (each a %s)', (way) => {
  test('is exact under a lock, and iteration is over a copy', async () => {
    const result = await resultOf(import.meta.url, 'dict-counting', { way });
    expect(result).toEqual({ count: 800, copied: 1, seen: ['count', 'added'], left: 0 });
  });

  test('may lose additions without one, but invents none', async () => {
    const { count } = (await resultOf(import.meta.url, 'dict-counting', { way, hold: 'false' })) as { count: number };
    expect(count).toBeGreaterThanOrEqual(200);
    expect(count).toBeLessThanOrEqual(800);
  });
});
