/** What is said of an interleaving in one sentence, from its steps. */
import { describe, expect, test } from 'vitest';
import { explain } from '#src/explore/explain.js';
import type { TraceStepReport } from '#src/report/explore.js';

/** As in `'A LOAD counter 0'`. */
function steps(...texts: readonly string[]): TraceStepReport[] {
  return texts.map((text) => {
    const [actor = '', operation = '', object = null, value = 'null'] = text.split(' ');
    return { actor, operation, object, value: JSON.parse(value) as unknown, preempts: false, shared: {} };
  });
}

function said(...texts: readonly string[]): string {
  return explain(steps(...texts), '1', false);
}

const BRIEF = /^After \d+ steps with 0 preemptions the outcome is 1\.$/;

describe('a lost update', () => {
  test('is told by what both read and who wrote over whom', () => {
    expect(said('A LOAD x 0', 'B LOAD x 0', 'B STORE x 1', 'A STORE x 1')).toBe(
      'A read x = 0, B too; B wrote 1 and A wrote 1 over it: what B did is gone.',
    );
  });

  test('is one of an element, not of two elements of an array', () => {
    const lost = ['A LOAD a[1] 0', 'B LOAD a[1] 0', 'B STORE a[1] 1', 'A STORE a[1] 1'];
    expect(said(...lost)).toMatch(/^A read a\[1\] = 0, B too/);
    expect(said('A LOAD a[1] 0', 'B LOAD a[0] 0', 'B STORE a[1] 1', 'A STORE a[0] 1')).toMatch(BRIEF);
  });

  test('is none of who has looked again', () => {
    const again = ['A LOAD x 0', 'B LOAD x 0', 'B STORE x 1', 'A LOAD x 1', 'A STORE x 2'];
    expect(said(...again)).toMatch(BRIEF);
  });
});

describe('a torn read', () => {
  test('is told by which half is of when', () => {
    const torn = ['A STORE w[0] 2', 'B LOAD w[0] 2', 'B LOAD w[1] 1', 'A STORE w[1] 2'];
    expect(said(...torn)).toBe(
      'B read w[0] = 2 after A wrote it, and w[1] = 1 before A wrote it: half of one, half of the other.',
    );
  });

  test('is none when both halves are of the same time, or of two arrays', () => {
    expect(said('A STORE w[0] 2', 'A STORE w[1] 2', 'B LOAD w[0] 2', 'B LOAD w[1] 2')).toMatch(BRIEF);
    expect(said('A STORE w[0] 2', 'B LOAD w[0] 2', 'B LOAD v[1] 1', 'A STORE v[1] 2')).toMatch(BRIEF);
  });
});

test('what did not come to an outcome says why', () => {
  expect(explain([], 'deadlock: A waits for x', true)).toBe('Nobody can go on: A waits for x.');
  expect(explain([], 'A threw', true)).toBe('A threw.');
});
