/** A thread begins while somebody stops it, at every instant of either: one of the two must win. And the broken twin, in which both may. */
import { describe, expect, test } from 'vitest';
import type { Cells } from '#src/memory/cells.js';
import { FIELD, fieldCell, SLOT_STATE } from '#src/memory/slot-layout.js';
import { SlotTable } from '#src/memory/slots.js';
import { ThreadSlots } from '#src/memory/thread-slots.js';
import { refuseLeaks } from '../leak-check.ts';
import { SharedLab } from '../shared-lab.ts';

refuseLeaks();

/** Looks whether the thread was stopped, and then goes on: another may act in between. */
class LooksFirst extends ThreadSlots {
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

  override loads(id: number): boolean {
    return this.#goesOn(id, 1);
  }

  override begins(id: number): boolean {
    return this.#goesOn(id, 2);
  }

  override shield(id: number): boolean {
    return this.#goesOn(id, 0);
  }

  override unshield(id: number): boolean {
    return this.#goesOn(id, 2);
  }

  #goesOn(id: number, to: number): boolean {
    if (this.#cells.load(fieldCell(id, FIELD.stop)) >= 3) return false;
    this.#cells.store(fieldCell(id, FIELD.stop), to);
    return true;
  }
}

/** What a thread has done, what it does, what another does meanwhile, and in which state the slot is to be when it goes on, and when not. */
interface Contest {
  readonly before?: (threads: ThreadSlots, id: number) => boolean;
  readonly go: (threads: ThreadSlots, id: number) => boolean;
  readonly end: (threads: ThreadSlots, id: number) => boolean;
  readonly states: readonly [number, number];
}

const CONTESTS: Readonly<Record<string, Contest>> = {
  'that could not be started while it comes to run': {
    go: (threads, id) => threads.runs(id),
    end: (threads, id) => threads.failed(id),
    states: [SLOT_STATE.running, SLOT_STATE.ended],
  },
  'that is to end while it comes to load its module': {
    go: (threads, id) => threads.loads(id),
    end: (threads, id) => threads.end(id) === 'soon',
    states: [SLOT_STATE.spawned, SLOT_STATE.spawned],
  },
  'that is to end while it begins its function': {
    before: (threads, id) => threads.loads(id),
    go: (threads, id) => threads.begins(id),
    end: (threads, id) => threads.end(id) === 'if-it-can',
    states: [SLOT_STATE.spawned, SLOT_STATE.spawned],
  },
  'that is to end while it comes into its shield': {
    before: (threads, id) => threads.loads(id) && threads.begins(id),
    go: (threads, id) => threads.shield(id),
    end: (threads, id) => threads.end(id) === 'when-stopped',
    states: [SLOT_STATE.spawned, SLOT_STATE.spawned],
  },
  'that is to end while it leaves its shield': {
    before: (threads, id) => threads.loads(id) && threads.begins(id) && threads.shield(id),
    go: (threads, id) => threads.unshield(id),
    end: (threads, id) => threads.end(id) === 'soon',
    states: [SLOT_STATE.spawned, SLOT_STATE.spawned],
  },
};

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
function examine(
  kind: typeof ThreadSlots,
  { before, go, end, states }: Contest,
): { readonly interleavings: number; readonly wrong: number } {
  let wrong = 0;
  for (let at = 0; ; at++) {
    using lab = new SharedLab(1);
    const { cells, platform, self } = lab.memory(0);
    const table = new SlotTable(cells, platform);
    const host = table.claim('host', self, false);
    table.spawned(host, process.pid);
    const id = table.claim('thread', host, false);
    const threads = new ThreadSlots(cells, table, platform);
    threads.made(id, host, 1);
    before?.(threads, id);
    let ended = false;
    const hooked = interposing(cells, at, () => {
      ended = end(threads, id);
    });
    const went = go(new kind(hooked.cells, new SlotTable(hooked.cells, platform), platform), id);
    if (!hooked.reached()) return { interleavings: at, wrong };
    if (went === ended || cells.load(fieldCell(id, FIELD.state)) !== states[went ? 0 : 1]) wrong++;
  }
}

describe.each(Object.entries(CONTESTS))('a thread %s', (_what, contest) => {
  test('does either, never both and never neither', () => {
    const { interleavings, wrong } = examine(ThreadSlots, contest);
    expect(interleavings).toBeGreaterThan(0);
    expect(wrong).toBe(0);
  });

  test('does both in the twin that looks first, and that is noticed', () => {
    expect(examine(LooksFirst, contest).wrong).toBe(1);
  });
});
