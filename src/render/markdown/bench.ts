import type { BenchReport, BenchRow, PeerReport } from '../../report/bench.ts';
import { figureText, ratioText, rowLabel } from '../figure.ts';

const TITLES = ['what', 'ipc-lab', 'beside it', '', 'ratio', 'doubtful because'];

/** A benchmark for a document: what it ran on, then a table for each mechanism with a line for each figure and peer. */
export function renderBenchMarkdown(report: BenchReport): string {
  const sections = report.mechanisms.map(({ name, about }) =>
    [
      `**${name}**: ${about}`,
      '',
      line(TITLES),
      line(['---', '---:', '---', '---:', '---:', '---']),
      ...report.rows.filter(({ mechanism }) => mechanism === name).flatMap(linesOf),
    ].join('\n'),
  );
  return `${[preamble(report), ...sections].join('\n\n')}\n`;
}

function linesOf(row: BenchRow): string[] {
  const ours = [rowLabel(row), figureText(row.p50, row.unit)];
  const [first, ...others] = row.peers;
  const doubts = row.doubts.join('; ');
  if (first === undefined) return [line([...ours, '', '', '', doubts])];
  return [
    line([...ours, ...theirs(row, first), doubts]),
    ...others.map((peer) => line(['', '', ...theirs(row, peer), ''])),
  ];
}

function theirs({ unit }: BenchRow, { name, p50, ratio }: PeerReport): string[] {
  return [name, figureText(p50, unit), ratio === null ? '' : ratioText(ratio)];
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}

function preamble({ machine, python, placement, rows, notes }: BenchReport): string {
  const { node, cpu, cores, platform, kernel } = machine;
  const where = placement === 'one core' ? 'all processes on one core' : `processes where the system puts them`;
  return [
    `${cpu}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${platform} ${kernel}, Node ${node.replace(/^v/, '')}`,
    ...(python === null ? [] : [python]),
    `${where}; medians of ${rows[0]?.samples ?? 0}.`,
    ...notes,
  ]
    .join(', ')
    .replace('., ', '. ');
}
