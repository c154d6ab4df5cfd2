/** What every table of messages with an order of their own must do, as two processes see it: against a sorted array, and after deaths. */
import fc from 'fast-check';
import type { Arena } from '#src/memory/arena.js';
import type { Cells } from '#src/memory/cells.js';
import { type Before, type OrderedTable, STATE_CELLS } from '#src/primitives/ordered-table.js';
import { SharedLab } from '../shared-lab.ts';
import { killAt, wasKilled } from './kill-at.ts';

export interface TableClass {
  new (cells: Cells, arena: Arena, baseCell: number, before: Before): OrderedTable;
  initialize: typeof OrderedTable.initialize;
}

const smallestFirst: Before = (priority, sequence, other, otherSequence) =>
  priority < other || (priority === other && sequence < otherSequence);

class Tables implements Disposable {
  readonly #lab = new SharedLab(2, 1024 * 1024);
  readonly all: readonly OrderedTable[];

  constructor(ATable: TableClass) {
    const { arena, cells } = this.#lab.memory(0);
    const base = arena.allocate(STATE_CELLS * 4) / 4;
    ATable.initialize(cells, base, (cell, sizeBytes) => {
      const table = arena.allocate(sizeBytes);
      cells.store(cell, table);
      return table;
    });
    this.all = [0, 1].map((index) => {
      const memory = this.#lab.memory(index);
      return new ATable(memory.cells, memory.arena, base, smallestFirst);
    });
  }

  cells(index: number): Cells {
    return this.#lab.memory(index).cells;
  }

  [Symbol.dispose](): void {
    this.#lab[Symbol.dispose]();
  }
}

function put(table: OrderedTable, priority: number, number: number): void {
  table.push({ kind: 1, length: 0, number, priority }, () => {});
}

function take(table: OrderedTable): number | undefined {
  const entry = table.peek();
  if (entry !== undefined) table.take(entry);
  return entry?.number;
}

function refuse(condition: boolean, what: string): void {
  if (condition) throw new Error(what);
}

/** Puts and takes at random, beside an array that is sorted each time. */
export function examineOrder(ATable: TableClass, runs: number): void {
  const step = fc.record({ who: fc.nat(1), put: fc.boolean(), priority: fc.integer({ min: -2, max: 2 }) });
  const puts = fc.array(step, { maxLength: 150, size: 'max' });
  fc.assert(
    fc.property(puts, (steps) => {
      using tables = new Tables(ATable);
      const model: { priority: number; number: number }[] = [];
      for (const [number, { who, put: puts, priority }] of steps.entries()) {
        const table = tables.all[who] as OrderedTable;
        if (puts) {
          put(table, priority, number);
          model.push({ priority, number });
          model.sort((one, other) => one.priority - other.priority || one.number - other.number);
        } else {
          refuse(take(table) !== model.shift()?.number, 'another message came out');
        }
        refuse(table.count !== model.length, 'another number of messages');
      }
    }),
    { numRuns: runs },
  );
}

/** Kills one process at every store of a put or a take, with so many messages in the table; the other mends it, and finds all of them in order. */
export function examineDeathsInTable(ATable: TableClass, messages: number): void {
  for (const act of ['put', 'take']) {
    for (let at = 1, alive = false; !alive; at++) {
      using tables = new Tables(ATable);
      const [victim, heir] = tables.all as [OrderedTable, OrderedTable];
      for (let number = 0; number < messages; number++) put(victim, (number * 7) % 5, number);
      const revive = killAt(tables.cells(0), at);
      try {
        if (act === 'put') put(victim, 2, messages);
        else take(victim);
        alive = true;
      } catch (error) {
        if (!wasKilled(error)) throw error;
      }
      revive();
      heir.mend();
      const { pushed, count } = heir;
      const left: number[] = [];
      for (let each = take(heir); each !== undefined; each = take(heir)) left.push(each);
      const changed = act === 'put' ? left.includes(messages) : !left.includes(0);
      const all = Array.from({ length: messages + 1 }, (_, number) => number)
        .filter((number) => (number === messages ? act === 'put' && changed : number > 0 || act === 'put' || !changed))
        .toSorted(
          (one, other) =>
            (one === messages ? 2 : (one * 7) % 5) - (other === messages ? 2 : (other * 7) % 5) || one - other,
        );
      const where = `after a death at store ${at} of a ${act}`;
      refuse(left.join() !== all.join(), `${left.join()} is in it, not ${all.join()}, ${where}`);
      refuse(count !== left.length, `counts ${count} instead of ${left.length} ${where}`);
      refuse(pushed !== messages + (left.includes(messages) ? 1 : 0), `has ${pushed} messages ever put in ${where}`);
      refuse(alive && !changed, `nothing has changed ${where}`);
      for (let number = 0; number < 40; number++) put(heir, 0, number);
      for (let number = 0; number < 40; number++) refuse(take(heir) !== number, `is of no use ${where}`);
    }
  }
}
