import type { BenchReport, BenchRow, PeerReport } from '../../report/bench.ts';
import { figureText, ratioText, rowLabel } from '../figure.ts';
import type { Style } from './style.ts';
import { type TableCell, table } from './table.ts';
import { wrap } from './text.ts';
import { durationText } from './value.ts';

const DOUBT_INDENT = 6;

/** A benchmark for a person: a line for each figure of ours, one below for each peer's, and what speaks against them. */
export function renderBench(report: BenchReport, style: Style): string {
  const rows = report.rows.flatMap((row) => [rowCells(row), ...row.peers.map((peer) => peerCells(row, peer, style))]);
  const [titles = '', ...body] = table(
    [
      { title: '', shrinkTo: 20 },
      { title: 'P50', align: 'right' },
      { title: 'MIN', align: 'right' },
      { title: 'MAX', align: 'right' },
      { title: 'RATIO', align: 'right' },
    ],
    rows,
    style,
  );
  const lines = [titles];
  for (const { name, about } of report.mechanisms) {
    lines.push(...heading(name, about, style));
    for (const row of report.rows) {
      if (row.mechanism === name) lines.push(...body.splice(0, 1 + row.peers.length), ...doubtLines(row, style));
    }
  }
  lines.push('', ...footer(report, style));
  return `${lines.join('\n')}\n`;
}

function heading(name: string, about: string, style: Style): string[] {
  return [
    '',
    ...wrap(`${name}: ${about}`, style.columns).map((line, i) =>
      i === 0 ? line.replace(name, style.name(name)) : line,
    ),
  ];
}

function rowCells(row: BenchRow): TableCell[] {
  return [`  ${rowLabel(row)}`, ...[row.p50, row.min, row.max].map((value) => figureText(value, row.unit)), ''];
}

function peerCells({ unit }: BenchRow, { name, p50, ratio }: PeerReport, style: Style): TableCell[] {
  const dim = (text: string): TableCell => ({ text, paint: style.dim });
  const verdict = ratio !== null && ratio >= 1 ? style.good : style.bad;
  return [
    dim(`    ${name}`),
    dim(figureText(p50, unit)),
    '',
    '',
    { text: ratio === null ? '-' : `${ratioText(ratio)} ${style.ascii ? 'x' : '×'}`, paint: verdict },
  ];
}

function doubtLines({ doubts }: BenchRow, style: Style): string[] {
  const indent = ' '.repeat(DOUBT_INDENT);
  if (doubts.length === 0) return [];
  return wrap(`doubtful: ${doubts.join('; ')}`, style.columns - DOUBT_INDENT).map((line) => style.dim(indent + line));
}

function footer(report: BenchReport, style: Style): string[] {
  const { machine, python, placement, rows } = report;
  const samples = rows[0]?.samples ?? 0;
  const beside = python === null ? '' : `, ours and theirs in turn; a ratio above 1 means that we are better`;
  return [
    `${samples} ${samples === 1 ? 'sample' : 'samples'} of each${beside}.`,
    placement === 'one core'
      ? 'All processes on one core.'
      : `Processes run where the system puts them, on ${coresText(machine.cores)}.`,
    `Node ${machine.node.replace(/^v/, '')}${python === null ? '' : `, ${python}`}, ${machine.platform} ${machine.kernel}, ${machine.cpu}; took ${durationText(report.wallMs)}.`,
    ...report.notes,
  ].flatMap((line) => wrap(line, style.columns).map(style.dim));
}

function coresText(count: number): string {
  return count === 1 ? '1 core' : `${count} cores`;
}
