/** Pipes under fire: their senders or receivers are killed at random moments. */
import { test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';
import { longStress, printedSeed } from '../seed.ts';

refuseLeaks();

test.each([2, 3, 16])(
  'killing %i senders leaves whole messages in order, and then the end of file',
  async (senders) => {
    const seed = printedSeed('pipe-kills');
    const rounds = longStress ? 50 : senders > 3 ? 1 : 4;
    await resultOf(import.meta.url, 'pipe-kills', { senders, rounds, seed });
  },
);

test.each([2, 3, 15])(
  'killing %i receivers loses one message each at most, and none comes twice',
  async (receivers) => {
    const seed = printedSeed('pipe-receiver-kills');
    const rounds = longStress ? 50 : receivers > 3 ? 1 : 3;
    await resultOf(import.meta.url, 'pipe-receiver-kills', { receivers, rounds, seed });
  },
);
