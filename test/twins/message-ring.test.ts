/** Rings with one mistake each. The examination that the real ring passes must catch every one of them. */
import { describe, expect, test } from 'vitest';
import type { Cells } from '#src/memory/cells.js';
import { MessageRing } from '#src/primitives/message-ring.js';
import { examineAgainstModel, examineDeaths, type RingClass } from './ring-examination.ts';

const RING = 0;
const SIZE = 1;
const TAIL = 16;
const PUSHED = 8;
const HEAD = 32;
const POPPED = 33;

/** A ring whose derived classes can reach its cells. */
class OpenRing extends MessageRing {
  protected readonly cells: Cells;
  protected readonly base: number;

  constructor(cells: Cells, baseCell: number) {
    super(cells, baseCell);
    this.cells = cells;
    this.base = baseCell;
  }
}

class TailBeforeBytes extends MessageRing {
  override reserve(kind: number, length: number, number: number): number | undefined {
    const at = super.reserve(kind, length, number);
    if (at !== undefined) super.commit();
    return at;
  }
  override commit(): void {}
}

/** What does not fit at the end goes over it. */
class NoPadding extends OpenRing {
  override reserve(kind: number, length: number, number: number): number | undefined {
    const { cells, base } = this;
    const tail = cells.load(base + TAIL);
    const bytes = 16 + ((length + 7) & ~7);
    const size = cells.load(base + SIZE);
    if (((tail - cells.load(base + HEAD)) | 0) + bytes > size) return undefined;
    const pushed = cells.load(base + PUSHED);
    if (((pushed - cells.load(base + POPPED)) | 0) >= this.capacity) return undefined;
    const at = (cells.load(base + RING) >>> 0) + (tail & (size - 1));
    [kind, length, pushed, number].forEach((field, i) => cells.storeInt32(at / 4 + i, field));
    this.#next = tail + bytes;
    return at + 16;
  }
  #next = 0;
  override commit(): void {
    this.cells.store(this.base + TAIL, this.#next);
    this.cells.add(this.base + PUSHED, 1);
  }
}

class NoRepair extends MessageRing {
  override settlePut(): void {}
  override settleGet(): void {}
}

/** Counts what it has taken when it is gone already. */
class CountedTooLate extends OpenRing {
  override take(): void {
    const { cells, base } = this;
    const popped = cells.load(base + POPPED);
    const late = new Proxy(cells, {
      get: (target, name) => {
        if (name !== 'store') return (Reflect.get(target, name) as () => unknown).bind(target);
        return (cell: number, value: number) => {
          if (cell !== base + POPPED) target.store(cell, value);
        };
      },
    });
    const head = new MessageRing(late, base);
    head.peek();
    head.take();
    cells.store(base + POPPED, popped + 1);
  }
}

/** Sees the other end once and never looks again. */
class NeverReloads extends MessageRing {
  constructor(cells: Cells, baseCell: number) {
    const seen = new Map<number, number>();
    const remembering = new Proxy(cells, {
      get: (target, name) => {
        if (name === 'load') {
          return (cell: number): number => {
            if (cell !== baseCell + TAIL && cell !== baseCell + HEAD) return target.load(cell);
            const value = seen.get(cell) ?? target.load(cell);
            seen.set(cell, value);
            return value;
          };
        }
        if (name === 'store') {
          return (cell: number, value: number): void => {
            if (seen.has(cell)) seen.set(cell, value);
            target.store(cell, value);
          };
        }
        return (Reflect.get(target, name) as () => unknown).bind(target);
      },
    });
    super(remembering, baseCell);
  }
}

function examine(Ring: RingClass): void {
  // The same runs every time: what catches a mistake today does tomorrow.
  examineAgainstModel(Ring, 60, 1);
  for (const start of [0, -8]) examineDeaths(Ring, start);
}

describe('the examination of rings', () => {
  test('passes the real one', () => {
    examine(MessageRing);
  });

  test.each<[string, RingClass, RegExp]>([
    ['publishes the tail before the bytes', TailBeforeBytes, /after a death/],
    ['ignores that a record must lie in one piece', NoPadding, /outside the ring|whether there is room/],
    ['does not mend what the dead have left', NoRepair, /after a death/],
    ['counts a record as taken when it is gone', CountedTooLate, /which nobody comes to mend/],
    ['trusts what it has once seen of the other end', NeverReloads, /whether there is room|what is taken|the count/],
  ])('catches one that %s', (_mistake, Ring, complaint) => {
    expect(() => examine(Ring)).toThrow(complaint);
  });
});
