import { describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { SLOT_STATE } from '#src/memory/slot-layout.js';
import { Lab } from '#src/lab/lab.js';
import { FunctionResolver } from '#src/process/function-reference.js';
import { Process } from '#src/process/process.js';
import { SharedLab } from '../shared-lab.ts';

/** A supervisor that "starts" processes which have ended already: what remains is the bookkeeping. */
function endAtOnce({ slots }: LabMemory): () => void {
  return () => {
    for (const id of slots.idsIn(SLOT_STATE.requested)) {
      slots.spawned(id, process.pid);
      slots.ended(id, 0, 0);
    }
  };
}

describe('slots', () => {
  test('of processes that have ended are given back, so that their number in a run is not limited', () => {
    using shared = new SharedLab(1);
    const memory = shared.memory(0);
    const lab = new Lab(memory, new FunctionResolver('file:///nowhere.js', {}), { ring: endAtOnce(memory) });
    for (let i = 0; i < 3000; i++) lab.join(lab.start({ module: 'file:///nowhere.js', name: 'work' }));
    expect(lab.audit().processes).toEqual([]);
  });

  test('are a limit for those that run', () => {
    using shared = new SharedLab(1);
    const memory = shared.memory(0);
    const { slots } = memory;
    const start = (): Process =>
      new Process(memory, 'work', { module: 'file:///nowhere.js', name: 'work', args: [] }, () => {
        for (const id of slots.idsIn(SLOT_STATE.requested)) slots.spawned(id, process.pid);
      }).start();
    for (let i = 0; i < 1023; i++) start();
    const before = memory.arena.usedBytes();
    expect(start).toThrow(expect.objectContaining({ code: 'ERR_IPC_TOO_MANY_PROCESSES' }) as Error);
    expect(memory.arena.usedBytes()).toBe(before);
  });

  test('are free again when the arguments cannot be sent', () => {
    using shared = new SharedLab(1);
    const memory = shared.memory(0);
    const start = (): Process =>
      new Process(memory, 'work', { module: 'file:///nowhere.js', name: 'work', args: [() => {}] }, () => {}).start();
    for (let i = 0; i < 3000; i++)
      expect(start).toThrow(expect.objectContaining({ code: 'ERR_IPC_NOT_CLONEABLE' }) as Error);
  });
});
