import { describe, expect, test } from 'vitest';
import { Patience } from '#src/memory/patience.js';

const MOST = 1000;

/** How many looks each of so many waits may take, when all are in vain. */
function inVain(patience: Patience, waits: number): number[] {
  return Array.from({ length: waits }, () => {
    const looks = patience.next();
    patience.learn(undefined);
    return looks;
  });
}

describe('how long to look before sleeping', () => {
  test('at first as long as it is ever worth it, and half as long after each failure', () => {
    expect(inVain(new Patience(MOST), 4)).toEqual([1000, 500, 250, 125]);
  });

  test('twice as long as it took, after a success', () => {
    const patience = new Patience(MOST);
    inVain(patience, 10);
    patience.learn(100);
    expect(patience.next()).toBe(200);
    patience.learn(900);
    expect(patience.next()).toBe(MOST);
  });

  test('now and then for longer than a sleep takes, ever more seldom while that is in vain', () => {
    const looks = inVain(new Patience(MOST), 5000);
    const long = looks.flatMap((count, wait) => (count > MOST ? [wait + 1] : []));
    expect(long).toEqual([16, 48, 112, 240, 496, 1008, 2032, 3056, 4080]);
    // All that is looked in vain, a wait: less than a hundredth of what the first was worth.
    expect(looks.slice(1008).reduce((sum, count) => sum + count, 0) / (5000 - 1008)).toBeLessThan(MOST / 50);
  });

  test('a success brings the long looks back', () => {
    const patience = new Patience(MOST);
    inVain(patience, 1100);
    patience.learn(10);
    expect(inVain(patience, 16).some((count) => count > MOST)).toBe(true);
  });
});
