/** A thread begins while somebody stops it, at every instant of either: one of the two must win. And the broken twin, in which both may. */
import { describe, expect, test } from 'vitest';
import type { Cells } from '#src/memory/cells.js';
import { FIELD, fieldCell, SLOT_STATE } from '#src/memory/slot-layout.js';
import { SlotTable } from '#src/memory/slots.js';
import { ThreadSlots } from '#src/memory/thread-slots.js';
import { refuseLeaks } from '../leak-check.ts';
import { SharedLab } from '../shared-lab.ts';

refuseLeaks();

/** Looks whether the thread was stopped, and then begins: another may act in between. */
class LooksThenBegins extends ThreadSlots {
  readonly #cells: Cells;
  readonly #slots: SlotTable;

  constructor(cells: Cells, slots: SlotTable, platform: ConstructorParameters<typeof ThreadSlots>[2]) {
    super(cells, slots, platform);
    this.#cells = cells;
    this.#slots = slots;
  }

  override runs(id: number): boolean {
    if (this.#cells.load(this.#slots.stateCell(id)) !== SLOT_STATE.spawned) return false;
    this.#cells.store(this.#slots.stateCell(id), SLOT_STATE.running);
    return true;
  }
}

/** Calls `act` before the access with that number; after the last, `interposed` tells that there was none. */
function interposing(cells: Cells, at: number, act: () => void): { cells: Cells; reached: () => boolean } {
  let count = 0;
  const proxy = new Proxy(cells, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]): unknown => {
        if (count++ === at) act();
        return Reflect.apply(method, target, args);
      };
    },
  });
  return { cells: proxy, reached: () => count > at };
}

/** In how many interleavings not exactly one of the two has won, or the slot does not say which. */
function examine(kind: typeof ThreadSlots): { readonly interleavings: number; readonly wrong: number } {
  let wrong = 0;
  for (let at = 0; ; at++) {
    using lab = new SharedLab(1);
    const { cells, platform, self } = lab.memory(0);
    const table = new SlotTable(cells, platform);
    const host = table.claim('host', self, false);
    table.spawned(host, process.pid);
    const id = table.claim('thread', host, false);
    new ThreadSlots(cells, table, platform).made(id, host, 1);
    let stopped = false;
    const hooked = interposing(cells, at, () => {
      stopped = new ThreadSlots(cells, table, platform).stop(id);
    });
    const ran = new kind(hooked.cells, new SlotTable(hooked.cells, platform), platform).runs(id);
    if (!hooked.reached()) return { interleavings: at, wrong };
    const state = cells.load(fieldCell(id, FIELD.state));
    if (ran === stopped || state !== (ran ? SLOT_STATE.running : SLOT_STATE.ended)) wrong++;
  }
}

describe('a thread that is stopped while it begins', () => {
  test('does either, never both and never neither', () => {
    const { interleavings, wrong } = examine(ThreadSlots);
    expect(interleavings).toBeGreaterThan(3);
    expect(wrong).toBe(0);
  });

  test('does both in the twin that looks before it begins, and that is noticed', () => {
    expect(examine(LooksThenBegins).wrong).toBe(1);
  });
});
