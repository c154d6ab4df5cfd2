import type { ErrorReport } from '../../report/run.ts';
import type { Style } from './style.ts';
import { inStyle, wrap } from './text.ts';
import { printable } from './value.ts';

/** A mistake or a failure for a person: what is wrong, then what to do. */
export function renderError({ message, hint }: ErrorReport, style: Style): string {
  // What was typed may hold what a terminal would obey.
  const lines = wrap(`ipc-lab: ${shown(message)}`, style.columns).map((line, i) =>
    i === 0 ? line.replace('ipc-lab:', style.bad('ipc-lab:')) : line,
  );
  if (hint !== null) lines.push(...wrap(inStyle(shown(hint), style), style.columns).map((line) => style.dim(line)));
  return `${lines.join('\n')}\n`;
}

function shown(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
