/** Conditions over every kind of lock, and those who wait at them. */
import { expect } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { Condition } from '#src/primitives/condition.js';
import { Lock } from '#src/primitives/lock.js';
import { RLock } from '#src/primitives/rlock.js';
import type { SharedLab } from '../shared-lab.ts';

export type MakeLock = (memory: LabMemory) => Lock | RLock | undefined;

export const OVER: readonly (readonly [string, MakeLock])[] = [
  ['a Lock', (memory) => Lock.create(memory)],
  ['an RLock', (memory) => RLock.create(memory)],
  ['a lock of its own', () => undefined],
];

/** A condition as each process of the lab sees it. */
export function conditionsOf(lab: SharedLab, makeLock: MakeLock, name?: string): readonly [Condition, ...Condition[]] {
  const ours = Condition.create(lab.memory(0), { name, lock: makeLock(lab.memory(0)) });
  return [ours, ...lab.memories.slice(1).map((_, i) => lab.send(ours, 0, i + 1))];
}

/** Begins an asynchronous wait at each; what they got is written down in that order. */
export function beginWaits(conditions: readonly Condition[], woken: string[]): Promise<void>[] {
  return conditions.map(async (each, i) => {
    each.acquire();
    const told = each.waitAsync();
    await told.then((result) => woken.push(`${i} ${result}`));
    expect(each.lock.isMine).toBe(true);
    each.release();
  });
}

/** Lets whatever can go on in this event loop go on. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
}
