/** Who, of those in a list of waits, is found to have died, and how often the operating system is asked for that. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { RLock } from '#src/primitives/rlock.js';
import { PHASE, WAIT_LIST_CELLS, WaitList } from '#src/primitives/wait-list.js';
import { refuseLeaks } from '../leak-check.ts';
import { SharedLab } from '../shared-lab.ts';

const WAITING = 30;

let lab: SharedLab;
let lists: WaitList[];
/** Whom the system was asked about, by slot. */
let asked: number[];
/** Who has died and was not announced: only the system knows. */
let gone: Set<number>;

refuseLeaks();
beforeEach(() => {
  lab = new SharedLab(WAITING + 2);
  asked = [];
  gone = new Set();
  const first = lab.memory(0);
  const lock = RLock.create(first, {});
  const base = first.arena.allocate(WAIT_LIST_CELLS * 4) / 4;
  lists = lab.memories.map((memory) => {
    watchQuestions(memory);
    return new WaitList(memory, base, lock);
  });
  for (const list of lists.slice(1, -1)) list.enrol(PHASE.waiting);
});
afterEach(() => lab[Symbol.dispose]());

/** All of a test's processes have one pid, so the system is asked in their place. */
function watchQuestions({ slots }: LabMemory): void {
  const isAlive = slots.isAlive.bind(slots);
  slots.isAlive = (id, thorough) => {
    if (thorough === false) return isAlive(id, false);
    asked.push(id);
    return !gone.has(id);
  };
}

function idOf(process: number): number {
  return lab.memory(process).self;
}

describe('a list of waits', () => {
  test('has everybody ask about one other, and each asked about', () => {
    for (const list of lists.slice(1, -1)) expect(list.dead(PHASE.waiting, true)).toBe(undefined);
    expect(asked.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: WAITING }, (_, i) => idOf(i + 1)).toSorted((a, b) => a - b),
    );
  });

  test.each([1, 7, WAITING])('tells one of them that process %i has died, again and again', (process) => {
    gone.add(idOf(process));
    const others = lists.slice(1, -1).filter((_list, i) => i + 1 !== process);
    for (let look = 0; look < 3; look++) {
      const found = others.map((list) => list.dead(PHASE.waiting, true)).filter((entry) => entry !== undefined);
      expect(found.map((entry) => lists[0]?.ownerOf(entry))).toEqual([idOf(process)]);
    }
  });

  test('tells the last who is left, however many have died', () => {
    for (let process = 1; process < WAITING; process++) gone.add(idOf(process));
    expect(lists[WAITING]?.dead(PHASE.waiting, true)).not.toBe(undefined);
  });

  test('tells who does not wait in it after three looks at the latest, of whomever', () => {
    for (let process = 1; process <= WAITING; process++) {
      gone = new Set([idOf(process)]);
      const looks = Array.from({ length: 3 }, () => lists[WAITING + 1]?.dead(PHASE.waiting, true));
      expect(looks.some((entry) => entry !== undefined && lists[0]?.ownerOf(entry) === idOf(process))).toBe(true);
    }
    expect(asked.length).toBeLessThanOrEqual(WAITING * WAITING);
  });

  test('asks the system nothing where it is told not to, and knows what was announced', () => {
    gone.add(idOf(3));
    expect(lists[1]?.dead(PHASE.waiting, false)).toBe(undefined);
    lab.die(5);
    const entry = lists[1]?.dead(PHASE.waiting, false) ?? 0;
    expect([lists[0]?.ownerOf(entry), asked]).toEqual([idOf(5), []]);
  });

  test('is dead to nobody when it is empty', () => {
    expect(lists[1]?.dead(PHASE.reading, true)).toBe(undefined);
    expect(asked).toEqual([]);
  });
});
