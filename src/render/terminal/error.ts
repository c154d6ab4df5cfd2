import type { ErrorReport } from '../../report/run.ts';
import type { Style } from './style.ts';
import { inStyle, wrap } from './text.ts';

/** A mistake or a failure for a person: what is wrong, then what to do. */
export function renderError({ message, hint }: ErrorReport, style: Style): string {
  const lines = wrap(`ipc-lab: ${message}`, style.columns).map((line, i) =>
    i === 0 ? line.replace('ipc-lab:', style.bad('ipc-lab:')) : line,
  );
  if (hint !== null) lines.push(...wrap(inStyle(hint, style), style.columns).map((line) => style.dim(line)));
  return `${lines.join('\n')}\n`;
}
