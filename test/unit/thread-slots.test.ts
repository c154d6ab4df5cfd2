import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { SLOT_STATE } from '#src/memory/slot-layout.js';
import { SlotTable } from '#src/memory/slots.js';
import { ThreadSlots } from '#src/memory/thread-slots.js';
import { Orphans } from '#src/process/orphans.js';
import { refuseLeaks } from '../leak-check.ts';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;
let memory: LabMemory;
let slots: SlotTable;
let threads: ThreadSlots;
/** The threads that the system knows, with their start times. */
let known: Map<number, number>;

refuseLeaks();
beforeEach(() => {
  lab = new SharedLab(1);
  memory = lab.memory(0);
  known = new Map([[77, 5]]);
  const platform = {
    ...memory.platform,
    threadId: () => 77,
    identifyThread: (pid: number, thread: number) => {
      const startTime = known.get(thread);
      return startTime === undefined ? undefined : { pid, startTime };
    },
  };
  slots = new SlotTable(memory.cells, platform);
  threads = new ThreadSlots(memory.cells, slots, platform);
});
afterEach(() => lab[Symbol.dispose]());

function processSlot(): number {
  const host = slots.claim('host', memory.self, false);
  slots.spawned(host, process.pid);
  return host;
}

function threadOf(host: number): number {
  const id = slots.claim('thread', host, false);
  threads.made(id, host, 1);
  return id;
}

describe('a thread', () => {
  test('lives as long as its process until it runs, then as long as the system knows it', () => {
    const id = threadOf(processSlot());
    expect([slots.pid(id), slots.isAlive(id)]).toEqual([process.pid, true]);
    expect([threads.runs(id), slots.state(id), slots.isAlive(id)]).toEqual([true, SLOT_STATE.running, true]);
    known.delete(77);
    expect([slots.isAlive(id, false), slots.isAlive(id)]).toEqual([true, false]);
  });

  test('is not mistaken for another that got its number later', () => {
    const id = threadOf(processSlot());
    threads.runs(id);
    known.set(77, 6);
    expect(slots.isAlive(id)).toBe(false);
  });

  test.each([true, false])('is dead when its process has ended (running: %s), whatever the system says', (running) => {
    const host = processSlot();
    const id = threadOf(host);
    if (running) threads.runs(id);
    slots.ended(host, undefined, 9);
    expect([slots.isAlive(id, false), slots.isAlive(id)]).toEqual([false, false]);
  });

  test('that is stopped before it begins has ended, and may not begin', () => {
    const id = threadOf(processSlot());
    expect(threads.stop(id)).toBe(true);
    expect([slots.state(id), slots.exitCode(id), slots.signal(id)]).toEqual([SLOT_STATE.ended, undefined, 15]);
    expect(threads.runs(id)).toBe(false);
  });

  test('that is asked to end before it has begun its function may not begin it, and counts as ended by a signal', () => {
    const [asked, vanished, late] = [threadOf(processSlot()), threadOf(processSlot()), threadOf(processSlot())];
    for (const id of [asked, vanished, late]) threads.runs(id);
    expect([threads.ask(asked), threads.ask(vanished), threads.begins(late)]).toEqual([true, true, true]);
    expect([threads.ask(asked), threads.ask(late)]).toEqual([false, false]);
    expect([threads.begins(asked), threads.isAsked(asked), threads.isAsked(late)]).toEqual([false, true, false]);
    threads.ends(asked, 0);
    threads.vanished(vanished);
    threads.ends(late, 3);
    expect([asked, vanished, late].map((id) => [slots.exitCode(id), slots.signal(id)])).toEqual([
      [undefined, 15],
      [undefined, 15],
      [3, 0],
    ]);
  });

  test('that is stopped while it runs ends when it is gone, by a signal; one that merely vanished has failed', () => {
    const [stopped, lost] = [threadOf(processSlot()), threadOf(processSlot())];
    for (const id of [stopped, lost]) threads.runs(id);
    expect([threads.stop(stopped), slots.state(stopped)]).toEqual([false, SLOT_STATE.running]);
    for (const id of [stopped, lost]) threads.vanished(id);
    expect([stopped, lost].map((id) => [slots.exitCode(id), slots.signal(id)])).toEqual([
      [undefined, 15],
      [1, 0],
    ]);
  });
});

describe('orphans', () => {
  test('are daemons to be ended; what their parent had claimed is free; the slots of most that have ended too', () => {
    const parent = processSlot();
    const other = processSlot();
    const daemon = slots.claim('daemon', parent, true);
    slots.spawned(daemon, process.pid);
    const child = slots.claim('child', parent, false);
    slots.spawned(child, process.pid);
    const [claimed, claimedByOther] = [slots.claim('never', parent, true), slots.claim('soon', other, true)];
    const ended = Array.from({ length: 300 }, () => slots.claim('ended', parent, false));
    for (const id of ended) slots.ended(id, 0, 0);
    const orphans = new Orphans(memory);
    slots.ended(parent, undefined, 9);
    expect(orphans.of(parent)).toEqual([daemon]);
    const isFree = (id: number): boolean => {
      const others = Array.from({ length: 1024 }, () => {
        try {
          return slots.claim('again', other, false);
        } catch {
          return 0;
        }
      });
      const found = others.some((again) => (again & 1023) === (id & 1023));
      for (const again of others) slots.release(again);
      return found;
    };
    expect([isFree(claimed), isFree(claimedByOther)]).toEqual([true, false]);
    const names = ended.map((id) => slots.name(id));
    expect(names.filter((name) => name === 'ended')).toHaveLength(256);
  });

  test('of a parent that lives keep their slots', () => {
    const parent = processSlot();
    const ended = Array.from({ length: 300 }, () => slots.claim('ended', parent, false));
    for (const id of ended) slots.ended(id, 0, 0);
    new Orphans(memory).of(processSlot());
    expect(new Set(ended.map((id) => slots.name(id)))).toEqual(new Set(['ended']));
  });
});
