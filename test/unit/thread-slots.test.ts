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

function threadOf(host: number, parent = host): number {
  const id = slots.claim('thread', parent, false);
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

  test('that the system could not start has ended, and may not run', () => {
    const id = threadOf(processSlot());
    expect(threads.failed(id)).toBe(true);
    expect([slots.state(id), slots.exitCode(id), slots.signal(id)]).toEqual([SLOT_STATE.ended, 1, 0]);
    expect(threads.runs(id)).toBe(false);
  });

  test.each([
    ['prepares itself', [], 'soon', ['loads', 'unshield']],
    ['loads its module', ['loads'], 'if-it-can', ['begins']],
    ['runs', ['loads', 'begins'], 'when-stopped', ['shield']],
    ['is in its shield', ['loads', 'begins', 'shield'], 'soon', ['unshield']],
    ['has left its shield', ['loads', 'begins', 'shield', 'unshield'], 'when-stopped', ['shield']],
  ] as const)(
    'that is to end while it %s may not go on, and counts as ended by a signal',
    (_what, steps, how, next) => {
      const [vanished, itself] = [threadOf(processSlot()), threadOf(processSlot())];
      for (const id of [vanished, itself]) {
        threads.runs(id);
        for (const step of steps) expect(threads[step](id)).toBe(true);
        expect([threads.end(id), threads.end(id)]).toEqual([how, how]);
        for (const step of next) expect(threads[step](id)).toBe(false);
        expect([threads.isAsked(id), threads.isBeingStopped(id)]).toEqual([
          how !== 'when-stopped',
          how === 'when-stopped',
        ]);
      }
      threads.vanished(vanished);
      expect([slots.exitCode(vanished), slots.signal(vanished)]).toEqual([undefined, 15]);
      threads.ends(itself, 3);
      // One that nobody has asked, and that ends before it is stopped, has ended as it says.
      expect([slots.exitCode(itself), slots.signal(itself)]).toEqual(how === 'when-stopped' ? [3, 0] : [undefined, 15]);
    },
  );

  test('that merely vanished has failed', () => {
    const lost = threadOf(processSlot());
    threads.runs(lost);
    threads.vanished(lost);
    expect([slots.exitCode(lost), slots.signal(lost)]).toEqual([1, 0]);
  });

  test('ends with the one that started it: those below are told, no others, and how the last will end is said', () => {
    const host = processSlot();
    const [top, beside] = [threadOf(host), threadOf(host)];
    const below = threadOf(host, top);
    const deep = threadOf(host, below);
    const elsewhere = threadOf(processSlot());
    for (const id of [top, beside, below, deep, elsewhere]) threads.loads(id);
    threads.begins(deep);
    expect(threads.endBelow(deep)).toBe(undefined);
    expect(threads.endBelow(below)).toBe('when-stopped');
    expect(threads.endBelow(top)).toBe('if-it-can');
    expect([below, deep].map((id) => threads.isAsked(id) || threads.isBeingStopped(id))).toEqual([true, true]);
    expect([top, beside, elsewhere].map((id) => threads.isAsked(id))).toEqual([false, false, false]);
    const late = threadOf(host, beside);
    expect(threads.endBelow(host)).toBe('soon');
    expect([top, beside, late, elsewhere].map((id) => threads.isAsked(id))).toEqual([true, true, true, false]);
    for (const id of [top, beside, below, deep, late]) threads.ends(id, 0);
    expect(threads.endBelow(host)).toBe(undefined);
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
