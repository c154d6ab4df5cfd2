import { expect, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

refuseLeaks();

test.each([
  [2, 'process'],
  [3, 'process'],
  [3, 'thread'],
])(
  '%i actors, each a %s, lose none of their atomic additions, and undo no store beside them',
  async (processes, way) => {
    expect(await resultOf(import.meta.url, 'atomic-counting', { processes, way })).toHaveLength(5);
  },
);
