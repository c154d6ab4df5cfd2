import type { DeadlockReport, ExploreReport, OutcomeReport } from '../../report/explore.ts';
import type { Style } from './style.ts';
import { type Column, type TableCell, table } from './table.ts';
import { truncate, widthOf, wrap } from './text.ts';
import { durationText, valueText } from './value.ts';

const BAR_WIDTH = 10;
/** More outcomes than this are summed up. */
const MOST_OUTCOMES = 8;
/** More than these are not told in words. */
const MOST_SENTENCES = 2;

const COLUMNS: readonly Column[] = [
  { title: 'OUTCOME', shrinkTo: 8 },
  { title: 'SCHEDULES' },
  { title: 'GRADE' },
  // Never cut: it is there to be copied.
  { title: 'REPLAY' },
];

/** What was found in every interleaving of a program: without and with its lock, one below the other. */
export function renderExplore(reports: readonly ExploreReport[], style: Style): string {
  const [first] = reports;
  if (first === undefined) return '';
  const lines = [
    `${style.bold(style.name(first.program))}  ${truncate(first.title, style.columns - widthOf(first.program) - 2, style.ascii)}`,
  ];
  for (const report of reports) lines.push('', ...variant(report, style));
  return `${lines.join('\n')}\n`;
}

function variant(report: ExploreReport, style: Style): string[] {
  const parameters = Object.entries(report.params)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(style.ascii ? ', ' : ' · ');
  const total = report.schedules;
  const shown = report.outcomes.slice(0, MOST_OUTCOMES);
  const most = Math.max(
    1,
    ...shown.map(({ schedules }) => schedules),
    ...report.deadlocks.map(({ schedules }) => schedules),
  );
  const rows = [
    ...shown.map((outcome) => outcomeRow(outcome, most, style)),
    ...report.deadlocks.slice(0, MOST_OUTCOMES).map((deadlock) => deadlockRow(deadlock, most, style)),
  ];
  const lines = [...(parameters === '' ? [] : [style.dim(parameters)]), ...table(COLUMNS, rows, style)];
  const hidden = report.outcomes.length - shown.length;
  if (hidden > 0) lines.push(style.dim(`and ${hidden} more outcomes (--json shows them)`));
  for (const { outcome } of shown.filter(({ failed }) => failed).slice(0, MOST_SENTENCES))
    lines.push(...wrap(`no outcome: ${valueText(outcome)}`, style.columns));
  for (const { cycle } of report.deadlocks.slice(0, MOST_SENTENCES))
    lines.push(...wrap(`deadlock: ${cycle.join('; ')}`, style.columns));
  return [...lines, ...verdictLines(report, total, style)];
}

function outcomeRow(
  { outcome, failed, grade, schedules, token }: OutcomeReport,
  most: number,
  style: Style,
): TableCell[] {
  const paint = grade === 'forbidden' ? style.bad : grade === 'acceptable' ? style.good : style.bold;
  return [
    { text: failed ? 'none' : valueText(outcome), paint },
    bar(schedules, most, style),
    { text: grade, paint },
    { text: token, paint: style.dim },
  ];
}

function deadlockRow({ schedules, token }: DeadlockReport, most: number, style: Style): TableCell[] {
  return [
    { text: 'deadlock', paint: style.bad },
    bar(schedules, most, style),
    { text: 'forbidden', paint: style.bad },
    { text: token, paint: style.dim },
  ];
}

function bar(count: number, most: number, style: Style): string {
  const width = Math.max(1, Math.round((count / most) * BAR_WIDTH));
  return `${(style.ascii ? '#' : '█').repeat(width)} ${count}`;
}

function verdictLines(report: ExploreReport, total: number, style: Style): string[] {
  const bad = report.outcomes
    .filter(({ grade }) => grade === 'forbidden')
    .reduce((sum, { schedules }) => sum + schedules, 0);
  const stuck = report.deadlocks.reduce((sum, { schedules }) => sum + schedules, 0);
  const paint = report.verdict === 'VIOLATION' ? style.bad : report.verdict === 'PROVEN' ? style.good : style.bold;
  const forbidden = bad + stuck;
  const found =
    report.verdict === 'VIOLATION'
      ? `${forbidden} of ${total} ${total === 1 ? 'schedule' : 'schedules'} ${forbidden === 1 ? 'goes' : 'go'} wrong`
      : `none of ${total} ${total === 1 ? 'schedule' : 'schedules'} goes wrong`;
  const reach =
    report.complete && report.bound === null
      ? 'every schedule was run'
      : `not every schedule was run: ${report.bound ?? 'stopped before the end'}`;
  const redundant =
    report.redundant > 0 ? `; ${report.redundant} more ${report.redundant === 1 ? 'was' : 'were'} redundant` : '';
  const canary =
    report.canary === true
      ? '; the planted bug was found'
      : report.canary === false
        ? '; the planted bug was MISSED'
        : '';
  const how = `${report.actors} real ${report.threads ? 'thread' : 'process'}${report.actors === 1 ? '' : report.threads ? 's' : 'es'}, ${durationText(report.wallMs)}; a step is one ${report.granularity === 'cell' ? 'access of a cell' : 'operation'}, memory is sequentially consistent`;
  return [
    `${paint(style.bold(report.verdict))}  ${found}; ${reach}${redundant}${canary}`,
    ...wrap(how, style.columns).map((line) => style.dim(line)),
  ].flatMap((line, i) => (i === 0 ? wrapPainted(line, report.verdict, paint, style) : [line]));
}

/** Wraps a line whose first word is painted. */
function wrapPainted(line: string, word: string, paint: (text: string) => string, style: Style): string[] {
  const plain = `${word}${line.slice(line.indexOf('  '))}`;
  return wrap(plain, style.columns).map((each, i) =>
    i === 0 ? paint(style.bold(word)) + each.slice(word.length) : each,
  );
}
