import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { SLOT_STATE } from '#src/memory/slot-layout.js';
import { SlotTable } from '#src/memory/slots.js';
import { refuseLeaks } from '../leak-check.ts';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;
let memory: LabMemory;
let slots: SlotTable;

refuseLeaks();
beforeEach(() => {
  lab = new SharedLab(1);
  memory = lab.memory(0);
  slots = memory.slots;
});
afterEach(() => lab[Symbol.dispose]());

describe('a slot', () => {
  test('tells what it was given', () => {
    const id = slots.claim('worker', memory.self, true);
    expect([slots.name(id), slots.parent(id), slots.isDaemon(id), slots.pid(id), slots.exitCode(id)]).toEqual([
      'worker',
      memory.self,
      true,
      0,
      undefined,
    ]);
  });

  test('cuts a name that is too long between two characters', () => {
    const id = slots.claim('共'.repeat(100), 0, false);
    expect(slots.name(id)).toMatch(/^共{40,60}$/);
  });

  test('moves forward through its states, and never back', () => {
    const id = slots.claim('worker', 0, false);
    slots.advance(id, SLOT_STATE.running);
    slots.advance(id, SLOT_STATE.spawned);
    expect(slots.state(id)).toBe(SLOT_STATE.running);
    slots.ended(id, undefined, 9);
    expect([slots.state(id), slots.exitCode(id), slots.signal(id)]).toEqual([SLOT_STATE.ended, undefined, 9]);
  });

  test('that was given to another says that the first has ended', () => {
    const id = slots.claim('first', 0, false);
    slots.advance(id, SLOT_STATE.requested);
    slots.release(id);
    const later = Array.from({ length: 1023 }, (_, i) => slots.claim(`later ${i}`, 0, false));
    expect(later).not.toContain(id);
    expect([slots.state(id), slots.isAlive(id), slots.name(id)]).toEqual([
      SLOT_STATE.ended,
      false,
      'a process that has ended',
    ]);
    slots.release(id);
    expect(
      later.every((each) => slots.isAlive(each)),
      'releasing an old id changes nothing',
    ).toBe(true);
  });

  test('is refused when all are taken, and found again when one is given back', () => {
    const ids = Array.from({ length: 1023 }, () => slots.claim('worker', 0, false));
    expect(new Set(ids).size).toBe(1023);
    expect(() => slots.claim('one more', 0, false)).toThrow(
      expect.objectContaining({ code: 'ERR_IPC_TOO_MANY_PROCESSES' }),
    );
    slots.release(ids[500] ?? 0);
    expect(slots.name(slots.claim('one more', 0, false))).toBe('one more');
  });
});

describe('a process', () => {
  test('is alive before it is spawned, while it runs, and no longer when it has ended', async () => {
    const id = slots.claim('worker', 0, false);
    expect(slots.isAlive(id)).toBe(true);
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'inherit'] });
    slots.spawned(id, child.pid ?? 0);
    expect(slots.isAlive(id)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect([slots.isAlive(id), slots.state(id)]).toEqual([false, SLOT_STATE.spawned]);
  });

  test('that was killed and that nobody has reaped is dead', () => {
    const id = slots.claim('worker', 0, false);
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'inherit'] });
    const pid = child.pid ?? 0;
    slots.spawned(id, pid);
    child.kill('SIGKILL');
    // Node reaps in its event loop, which does not turn here.
    while (!/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1')));
    expect(slots.isAlive(id)).toBe(false);
    return once(child, 'exit');
  });

  test('is not mistaken for another that got its pid later', () => {
    let startTime = 5;
    const table = new SlotTable(memory.cells, { ...memory.platform, identify: (pid) => ({ pid, startTime }) });
    const id = table.claim('worker', 0, false);
    table.spawned(id, 4321);
    expect(table.isAlive(id)).toBe(true);
    startTime = 6;
    expect(table.isAlive(id)).toBe(false);
  });
});
