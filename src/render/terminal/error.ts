import type { ErrorReport } from '../../report/run.ts';
import type { Style } from './style.ts';
import { wrap } from './text.ts';

/** A mistake or a failure for a person: what is wrong, then what to do. */
export function renderError({ message, hint }: ErrorReport, style: Style): string {
  const lines = wrap(`ipc-lab: ${message}`, style.columns).map((line, i) =>
    i === 0 ? line.replace('ipc-lab:', style.bad('ipc-lab:')) : line,
  );
  if (hint !== null) lines.push(...wrap(hint, style.columns).map((line) => style.dim(line)));
  const text = `${lines.join('\n')}\n`;
  return style.ascii ? text.replaceAll('…', '...') : text;
}
