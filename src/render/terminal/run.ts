import type { FailureReport, ProcessReport, RunAllReport, RunReport } from '../../report/run.ts';
import type { Style } from './style.ts';
import { type TableCell, table } from './table.ts';
import { inStyle, truncate, widthOf, wrap } from './text.ts';
import { durationText, printable, valueText } from './value.ts';

/** More processes than this are summed up: a run must fit one screen. */
const MOST_PROCESSES = 12;
const MOST_FRAMES = 6;

/** A run for a person: what was shared, who did what, what came out and whether that is right. */
export function renderRun(report: RunReport, style: Style): string {
  const sections = [
    heading(report, style),
    sharedTable(report, style),
    processTable(report, style),
    verdict(report, style),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** The end of `run all`: a line per scenario. */
export function renderRunAll(report: RunAllReport, style: Style): string {
  const rows = report.runs.map((run): TableCell[] => [
    { text: run.scenario, paint: style.name },
    run.ok ? { text: 'ok', paint: style.good } : { text: 'FAILED', paint: style.bad },
    run.ok
      ? valueText(run.result)
      : (run.failures[0]?.message.split('\n')[0] ?? `${valueText(run.result)} is not ${valueText(run.expected)}`),
    String(run.processes.filter(({ thread }) => thread !== true).length),
    durationText(run.wallMs, style.ascii),
  ]);
  const lines = table(
    [
      { title: 'SCENARIO' },
      { title: '' },
      { title: 'RESULT', shrinkTo: 16 },
      { title: 'PROCESSES', align: 'right' },
      { title: 'TIME', align: 'right' },
    ],
    rows,
    style,
  );
  const failed = report.runs.filter((run) => !run.ok).length;
  const total = report.runs.length;
  const summary =
    failed === 0 ? style.good(`all ${total} scenarios ok`) : style.bad(`${failed} of ${total} scenarios failed`);
  return `${[...lines, '', summary].join('\n')}\n`;
}

function heading(report: RunReport, style: Style): string[] {
  const parameters = Object.entries(report.params).map(([name, value]) => `${name} ${String(value)}`);
  const indent = widthOf(report.scenario) + 2;
  const [first = '', ...more] = wrap(report.title, style.columns - indent);
  const lines = [
    `${style.bold(style.name(report.scenario))}  ${first}`.trimEnd(),
    ...more.map((line) => ' '.repeat(indent) + line),
  ];
  if (parameters.length > 0)
    lines.push(...wrap(parameters.join(style.ascii ? ', ' : ' · '), style.columns).map((line) => style.dim(line)));
  return lines;
}

function sharedTable(report: RunReport, style: Style): string[] {
  if (report.shared.length === 0) return [];
  return table(
    [
      { title: 'SHARED', shrinkTo: 12 },
      { title: 'TYPE' },
      { title: 'BEFORE', shrinkTo: 10 },
      { title: 'AFTER', shrinkTo: 10 },
    ],
    report.shared.map(({ name, kind, code, before, after }) => [
      printable(name),
      code === null ? kind : `${kind} '${code}'`,
      valueText(before),
      { text: valueText(after), paint: valueText(before) === valueText(after) ? style.dim : style.bold },
    ]),
    style,
  );
}

function processTable(report: RunReport, style: Style): string[] {
  if (report.processes.length === 0) return [];
  const shown =
    report.processes.length > MOST_PROCESSES + 1 ? report.processes.slice(0, MOST_PROCESSES) : report.processes;
  const threads = shown.some(({ thread }) => thread === true);
  const rows = shown.map((process): TableCell[] => [
    { text: process.name, paint: style.name },
    ...(threads ? [process.thread === true ? 'thread' : 'process'] : []),
    String(process.pid),
    durationText(process.startMs, style.ascii),
    durationText(process.workMs, style.ascii),
    exitCell(process, style),
  ]);
  const lines = table(
    [
      { title: 'PROCESS', shrinkTo: 12 },
      ...(threads ? [{ title: 'KIND' }] : []),
      { title: 'PID', align: 'right' },
      { title: 'START-UP', align: 'right' },
      { title: 'WORK', align: 'right' },
      { title: 'EXIT', align: 'right' },
    ],
    rows,
    style,
  );
  const rest = report.processes.slice(shown.length);
  if (rest.length > 0) {
    const odd = rest.filter(({ exitCode }) => exitCode !== 0).length;
    lines.push(
      style.dim(
        `and ${rest.length} more, ${odd === 0 ? 'all with exit 0' : `${odd} of them without exit 0`} (--json shows them)`,
      ),
    );
  }
  return lines;
}

function exitCell({ exitCode, signal }: ProcessReport, style: Style): TableCell {
  if (exitCode === 0) return '0';
  return { text: signal ?? (exitCode === null ? 'none' : String(exitCode)), paint: style.bad };
}

function verdict(report: RunReport, style: Style): string[] {
  const { columns } = style;
  const lines: string[] = report.notes.flatMap((note) => wrap(`note: ${note}`, columns));
  for (const failure of report.failures) lines.push(...failureLines(failure, style));
  const label = (text: string, value: unknown): string =>
    `${text} ${truncate(valueText(value), columns - text.length - 1, style.ascii)}`;
  const finished = report.failures.length === 0 || report.result !== null;
  if (finished) lines.push(label('RESULT  ', report.result));
  if (finished && !report.ok && report.grade === null) lines.push(label('EXPECTED', report.expected));
  const time = style.dim(`in ${durationText(report.wallMs, style.ascii)}`);
  if (report.ok) lines.push(`${style.good('ok')} ${time}, ${worth(report)}`);
  else lines.push(`${style.bad('FAILED')} ${time}${report.grade === 'forbidden' ? ', a forbidden outcome' : ''}`);
  return lines;
}

function worth({ expected, grade }: RunReport): string {
  // With parameters that it has for that.
  if (grade === 'forbidden') return 'and it went wrong: a forbidden outcome';
  if (grade !== null) return `${grade === 'acceptable' ? 'an acceptable' : 'an interesting'} outcome`;
  return expected === null ? 'nothing was expected' : 'as it must be';
}

function failureLines({ code, message, hint, process, stack }: FailureReport, style: Style): string[] {
  const ours = code.startsWith('ERR_');
  const label = ours ? code : '';
  const text = [label, process === null ? '' : `${process}:`, ours ? message : `${code}: ${message}`]
    .filter((part) => part !== '')
    .join(' ');
  const lines = wrap(text, style.columns).map((line, i) =>
    i === 0 && ours ? style.bad(label) + line.slice(label.length) : line,
  );
  if (hint !== null) lines.push(...wrap(inStyle(hint, style), style.columns).map((line) => style.dim(line)));
  // Our own errors say what to do, so one line that says where is enough; for the user's, the way there matters.
  const frames = stack === null ? [] : ownFrames(stack).slice(0, ours ? 1 : MOST_FRAMES);
  lines.push(...frames.map((line) => style.dim(frameText(line, style))));
  return lines;
}

/** The frames of a stack that lie in the user's code, not in ours. */
function ownFrames(stack: string): string[] {
  const frames = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  return frames.filter((line) => !/\bnode:|<anonymous>|\/dist\/(src|bundle|scenarios)\//.test(line));
}

/** A frame in one line. What gives way is the front of the path: the file's name and the line are what one wants to know. */
function frameText(frame: string, style: Style): string {
  const text = frame.replaceAll('file://', '');
  const tooWide = widthOf(text) - style.columns;
  const path = /\/[^()]*\)?$/.exec(text);
  if (tooWide <= 0 || path === null) return text;
  const mark = style.ascii ? '...' : '…';
  const rest = path[0].slice(tooWide + mark.length);
  const fromFolder = rest.slice(Math.max(0, rest.indexOf('/')));
  return `${text.slice(0, path.index)}${mark}${fromFolder}`;
}
