import type { Style } from './style.ts';
import { truncate, widthOf } from './text.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Gives way, down to this many columns, when the table is too wide. */
  readonly shrinkTo?: number;
}

/** A cell: plain text, and how to colour it once its width is settled. */
export type TableCell = string | { readonly text: string; readonly paint: (text: string) => string };

const GAP = '  ';

/** Lays out rows under titles, aligned by what they take on the screen, no wider than the screen where columns may shrink. */
export function table(columns: readonly Column[], rows: readonly (readonly TableCell[])[], style: Style): string[] {
  const widths = columns.map((column, c) =>
    Math.max(widthOf(column.title), ...rows.map((row) => widthOf(textOf(row[c])))),
  );
  fit(columns, widths, style.columns);
  const line = (cells: readonly TableCell[]): string =>
    columns
      .map((column, c) => {
        const text = truncate(textOf(cells[c]), widths[c] ?? 0, style.ascii);
        const padding = ' '.repeat(Math.max(0, (widths[c] ?? 0) - widthOf(text)));
        const painted = paintOf(cells[c])(text);
        return column.align === 'right' ? padding + painted : painted + padding;
      })
      .join(GAP)
      .trimEnd();
  return [line(columns.map(({ title }) => ({ text: title, paint: style.dim }))), ...rows.map(line)];
}

/** Takes what is too much from the widest columns that may shrink. */
function fit(columns: readonly Column[], widths: number[], available: number): void {
  const total = (): number => widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
  while (total() > available) {
    let widest = -1;
    for (const [c, column] of columns.entries()) {
      const width = widths[c] ?? 0;
      if (column.shrinkTo !== undefined && width > column.shrinkTo && (widest < 0 || width > (widths[widest] ?? 0)))
        widest = c;
    }
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

function textOf(cell: TableCell | undefined): string {
  return typeof cell === 'string' ? cell : (cell?.text ?? '');
}

function paintOf(cell: TableCell | undefined): (text: string) => string {
  return typeof cell === 'object' ? cell.paint : (text) => text;
}
