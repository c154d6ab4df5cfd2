import { expect, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

refuseLeaks();

test.each([2, 3])(
  '%i processes lose none of their atomic additions, and undo no store beside them',
  async (processes) => {
    expect(await resultOf(import.meta.url, 'atomic-counting', { processes })).toHaveLength(5);
  },
);
