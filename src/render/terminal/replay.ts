import type { ReplayReport, TraceStepReport } from '../../report/explore.ts';
import { ActorColumns } from './actor-columns.ts';
import type { Style } from './style.ts';
import { truncate, widthOf, wrap } from './text.ts';
import { valueText } from './value.ts';

/** More steps than this are shown only when all are asked for. */
const MOST_STEPS = 12;
/** So many letters of a schedule are shown at least. */
const FEWEST_LETTERS = 10;

/** One interleaving: the sentence that explains it, then a column per actor, time downwards, what is shared after each step at the left. */
export function renderReplay(report: ReplayReport, all: boolean, style: Style): string {
  const parameters = Object.entries(report.params)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(style.ascii ? ', ' : ' · ');
  const lines = [
    `${style.bold(style.name(report.program))}  ${style.dim(parameters)}`.trimEnd(),
    headline(report, style),
    '',
    ...wrap(report.sentence, style.columns).map((line) => style.bold(line)),
    '',
    ...stepLines(report, all, style),
    '',
    `came out the same ${report.same} of ${report.runs} times, with real processes`,
  ];
  return `${lines.join('\n')}\n`;
}

/** What came out, and by which schedule: as much of both as the line holds. Who has the token has the schedule. */
function headline({ outcome, failed, grade, schedule }: ReplayReport, style: Style): string {
  const paint = grade === 'forbidden' ? style.bad : style.good;
  const before = failed ? '' : 'outcome ';
  const after = ` (${grade})  schedule `;
  const value = failed
    ? 'no outcome'
    : truncate(valueText(outcome), style.columns - widthOf(before + after) - FEWEST_LETTERS, style.ascii);
  const left = style.columns - widthOf(before + value + after);
  return `${before}${paint(style.bold(value))}${after}${truncate(schedule, left, style.ascii)}`;
}

function stepLines({ steps, actors: count = 0 }: ReplayReport, all: boolean, style: Style): string[] {
  // Also those that never come to a step.
  const letters = Array.from({ length: count }, (_, i) => String.fromCharCode(65 + i));
  const actors = [...new Set([...letters, ...steps.map(({ actor }) => actor)])].toSorted();
  const shown = all || steps.length <= MOST_STEPS ? steps : steps.slice(-MOST_STEPS);
  const names = [...new Set(steps.flatMap(({ shared }) => Object.keys(shared)))].filter((name) => changes(steps, name));
  const numberWidth = String(steps.length).length + 1;
  const widths = names.map((name) =>
    Math.min(16, Math.max(widthOf(name), ...steps.map(({ shared }) => widthOf(stateText(shared[name]))))),
  );
  const left = numberWidth + widths.reduce((sum, width) => sum + width + 2, 0);
  const longest = Math.max(...steps.map((step) => widthOf(stepText(step))), ...actors.map(widthOf), 0);
  const columns = new ActorColumns(actors, longest, style.columns - left, style);
  const row = (number: string, values: readonly string[], cells: string): string => {
    const shared = values.map((value, i) => `  ${fit(value, widths[i] ?? 0, style)}`).join('');
    return `${number.padStart(numberWidth)}${shared}${cells}`.trimEnd();
  };
  const lines = [row('', names, columns.header())];
  if (shown.length < steps.length)
    lines.push(
      style.dim(`${style.ascii ? '...' : '…'} ${steps.length - shown.length} steps before (--all shows them)`),
    );
  for (const [i, step] of steps.entries()) {
    if (!shown.includes(step)) continue;
    const preempted = step.preempts ? steps[i - 1]?.actor : undefined;
    lines.push(
      row(
        String(i + 1),
        names.map((name) => stateText(step.shared[name])),
        columns.row({ actor: step.actor, text: stepText(step), preempted }),
      ),
    );
  }
  return lines;
}

/** Whether showing it tells anything: some step changes it, be it the first, before which nobody has looked. */
function changes(steps: readonly TraceStepReport[], name: string): boolean {
  const isAbout = (object: string | null): boolean => object === name || object?.startsWith(`${name}[`) === true;
  return (
    new Set(steps.map(({ shared }) => valueText(shared[name]))).size > 1 ||
    steps.some(({ operation, object }) => operation !== 'LOAD' && isAbout(object))
  );
}

/** What is shared, in a column: of a lock only who holds it. */
function stateText(value: unknown): string {
  return valueText(value).replace(/^held by actor (?=[A-Z]$)/, '');
}

function stepText({ operation, object, value }: TraceStepReport): string {
  if (operation === 'STEP' || operation === 'SPIN') return valueText(value);
  const what = `${operation} ${object ?? ''}`.trim();
  if (operation === 'LOAD' || operation === 'GET' || operation === 'TRY') return `${what} = ${valueText(value)}`;
  if (operation === 'STORE' || operation === 'PUT') return `${what} := ${valueText(value)}`;
  if (operation === 'EXCHANGE' || operation === 'CAS' || operation === 'SLEEP' || operation === 'WAKE')
    return `${what} ${String(value)}`;
  return operation === 'ATOMIC' ? `ADD ${object ?? ''} (was ${valueText(value)})` : what;
}

function fit(text: string, width: number, style: Style): string {
  const cut = truncate(text, width, style.ascii);
  return cut + ' '.repeat(Math.max(0, width - widthOf(cut)));
}
