/** Waiting for any of several things between operating-system processes. */
import { test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

refuseLeaks();

test('who is blocked hears of messages, ends of file and ends of processes', async () => {
  await resultOf(import.meta.url, 'wait-for-any');
});
