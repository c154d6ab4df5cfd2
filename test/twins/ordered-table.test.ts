/** Tables with one mistake each. The examination that the real one passes must catch every one of them. */
import { describe, expect, test } from 'vitest';
import { type EntryView, OrderedTable } from '#src/primitives/ordered-table.js';
import { examineDeathsInTable, examineOrder, type TableClass } from './ordered-examination.ts';

class NoMend extends OrderedTable {
  override mend(): void {}
}

/** What is equal comes out as the heap has it. */
class Unstable extends OrderedTable {
  constructor(...[cells, arena, baseCell]: ConstructorParameters<typeof OrderedTable>) {
    super(cells, arena, baseCell, (priority, _sequence, other) => priority < other);
  }
}

/** Takes out another than it has shown. */
class TakesAnother extends OrderedTable {
  override take(view: EntryView): void {
    super.take({ ...view, place: this.count > 2 ? 15 : view.place });
  }
}

describe('the examination of ordered tables', () => {
  const examine = (ATable: TableClass): void => {
    examineOrder(ATable, 60);
    // With few, and so many that the next needs a larger table.
    for (const messages of [1, 6, 16, 32]) examineDeathsInTable(ATable, messages);
  };

  test('passes the real one', () => {
    examine(OrderedTable);
  });

  test.each<[string, TableClass, RegExp]>([
    ['does not mend what the dead have left', NoMend, /after a death/],
    ['lets equals overtake each other', Unstable, /another message came out/],
    ['takes out another than the first', TakesAnother, /another message came out|another number/],
  ])('catches one that %s', (_name, ATable, message) => {
    let caught = '';
    try {
      examine(ATable);
    } catch (error) {
      const { message: text, cause } = error as Error;
      caught = `${text} ${cause instanceof Error ? cause.message : ''}`;
    }
    expect(caught).toMatch(message);
  });
});
