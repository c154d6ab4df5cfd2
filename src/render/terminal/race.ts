/**
 * A race for a class: the verdict first, then the figures side by side, then how a single update was lost. At most 23 lines of 80 columns, so that
 * with the prompt all of it is on the screen. Everything stands in one grid: labels, and a column per lock or per process.
 */
import type { HandOffReport, RaceReport, RaceRunReport, WitnessReport } from '../../report/race.ts';
import { bigText, shortCount } from './big-text.ts';
import { countText, costText, lockName, percentText, raceVerdict, rateText, verdictPaint } from './race-text.ts';
import type { Style } from './style.ts';
import { truncate, widthOf, wrap } from './text.ts';
import { durationText } from './value.ts';

const LABEL_COLUMNS = 16;
const CELL_COLUMNS = 32;
const LARGE_COLUMNS = 40;

type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

/** A race for a person. `large`: less of it, to be read from afar. */
export function renderRace(report: RaceReport, style: Style, large: boolean): string {
  const lines = large ? largeScreen(report, style) : screen(report, style);
  return `${lines.join('\n')}\n`;
}

function screen(report: RaceReport, style: Style): string[] {
  const about = setting(report, style);
  const paint = verdictPaint(report, style);
  const witness = report.runs.find((run) => run.witness !== null)?.witness ?? null;
  return [
    ...wrap(raceVerdict(report), style.columns).map((line) => style.bold(paint(line))),
    ...about,
    // What was adapted takes the place of the blank line.
    ...(about.length > 1 ? [] : ['']),
    ...figures(report, style),
    '',
    ...(witness === null ? [] : [...seen(witness, style), '']),
    ...forced(report, style),
  ];
}

/** What was raced, and what was changed to see a loss. */
function setting({ runs }: RaceReport, style: Style): string[] {
  const [run] = runs;
  if (run === undefined) return [];
  const { processes, iterations, trials } = run;
  const adapted = runs.find((each) => each.adapted !== null)?.adapted;
  const who = processes === 1 ? '1 process adds' : `${processes} processes, each adds`;
  const lines = wrap(
    `${who} 1 to one counter ${countText(iterations)} times${trials > 1 ? `, ${trials} times over` : ''}`,
    style.columns,
  );
  if (adapted) {
    const { trialsWithoutLoss: count, fromIterations: from } = adapted;
    const range = from === iterations ? 'just as long' : `of ${countText(from)} times and more`;
    const text = `(before: ${count} ${count === 1 ? 'race' : 'races'} ${range} lost nothing; not counted here)`;
    lines.push(truncate(text, style.columns, style.ascii));
  }
  return lines.map((line) => style.dim(line));
}

function figures({ runs }: RaceReport, style: Style): string[] {
  const row = (label: string, cell: (run: RaceRunReport) => Cell): string => gridLine(label, runs.map(cell), style);
  const barColumns = runs.length === 1 ? 2 * CELL_COLUMNS : CELL_COLUMNS - 2;
  return [
    row('', ({ lock }) => ({ text: lockName(lock).toUpperCase(), paint: style.bold })),
    gridLine(
      '',
      runs.map((run) => bar(run, barColumns, style)),
      style,
    ),
    row('expected', ({ expected }) => countText(expected)),
    row('actual', ({ actual }) => countText(actual)),
    gridLine(
      { text: 'LOST', paint: style.bold },
      runs.map((run) => lostCell(run, style)),
      style,
    ),
    row('time', ({ wallMs, opsPerSec }) => `${plainText(durationText(wallMs), style)}, ${rateText(opsPerSec)}`),
  ];
}

function lostCell(run: RaceRunReport, style: Style): Cell {
  if (run.lost !== 0) return { text: `${countText(run.lost)} = ${percentText(run.lostPct)}`, paint: style.bad };
  if (run.lock === 'none') return '0';
  return { text: run.canary === null ? '0' : '0  (a planted loss was seen)', paint: style.good };
}

/** What arrived, as part of what was expected. A loss shows, however small. */
function bar({ expected, lost }: RaceRunReport, columns: number, style: Style): Cell {
  const gone = lost === 0 ? 0 : Math.min(columns, Math.max(1, Math.round((columns * Math.abs(lost)) / expected)));
  const [full, empty] = style.ascii ? ['#', '.'] : ['█', '░'];
  return {
    text: full.repeat(columns - gone) + empty.repeat(gone),
    paint: (text) => style.good(text.slice(0, columns - gone)) + style.bad(text.slice(columns - gone)),
  };
}

/** The update that was lost in the race itself. */
function seen({ value, wrote, processes }: WitnessReport, style: Style): string[] {
  const row = (label: string, cell: (process: WitnessReport['processes'][number]) => Cell): string =>
    gridLine(label, processes.map(cell), style);
  const sentence = `Both read ${countText(value)} and both wrote ${countText(wrote)}: of two increments one is gone.`;
  return [
    gridLine(
      { text: 'SEEN', paint: style.bold },
      processes.map(({ name, pid }) => ({ text: `${name} (pid ${pid})`, paint: style.name })),
      style,
    ),
    row('increment no.', ({ increment }) => countText(increment)),
    row('read', () => countText(value)),
    row('wrote', () => countText(wrote)),
    row('went on to', ({ reached, thenRead }) => {
      if (thenRead === null) return countText(reached);
      const text = `${countText(reached)}, then read ${countText(thenRead)}`;
      return widthOf(text) < CELL_COLUMNS ? text : text.replace('then ', '');
    }),
    ...wrap(sentence, style.columns).map((line) => style.bold(line)),
  ];
}

/** The hand-off that was forced: the one that lost an update, else the one in which a lock kept the other out. */
function forced({ runs }: RaceReport, style: Style): string[] {
  const loser = runs.find((run) => run.forced !== null && run.forced.lost > 0);
  const shown = loser ?? runs.find((run) => run.forced !== null);
  if (!shown?.forced) {
    return wrap(
      'Nothing could be forced: load, addition and store are one instruction, and nobody gets in between.',
      style.columns,
    );
  }
  const { processes, steps } = shown.forced;
  const [a, b] = processes;
  return [
    gridLine(
      { text: 'FORCED  counter', paint: style.bold },
      [
        { text: `${a.name} is stopped midway`, paint: style.name },
        { text: `${b.name} works meanwhile`, paint: style.name },
      ],
      style,
    ),
    ...steps.map((step) =>
      gridLine(
        String(step.counter).padStart(15),
        step.process === 0 ? [stepCell(step, style), ''] : ['', stepCell(step, style)],
        style,
      ),
    ),
    ...wrap(forcedSentence(shown, shown.forced, runs), style.columns).map((line) => style.bold(line)),
  ];
}

function stepCell({ action, value }: HandOffReport['steps'][number], style: Style): Cell {
  if (action === 'load') return `read ${value}`;
  if (action === 'store') return `wrote ${value}`;
  if (action === 'blocked') return { text: 'kept out by the lock', paint: style.good };
  return action === 'acquire' ? 'acquired the lock' : 'released the lock';
}

function forcedSentence(
  { lock }: RaceRunReport,
  { processes, lost, tries, triesWithLoss }: HandOffReport,
  runs: readonly RaceRunReport[],
): string {
  const [a, b] = processes;
  if (lost === 0)
    return `${b.name} had to wait until ${a.name} had stored: nothing was lost, ${tries} of ${tries} times.`;
  const guarded = runs.find((run) => run.lock !== lock && run.forced !== null);
  const other = guarded?.forced
    ? `, with the ${lockName(guarded.lock)} ${guarded.forced.triesWithLoss === 0 ? 'never' : `${guarded.forced.triesWithLoss}`}`
    : '';
  return `${a.name} wrote over ${b.name}'s update: lost ${triesWithLoss} of ${tries} times${other}.`;
}

/** Few things, and the number of lost updates as large as the screen allows. */
function largeScreen(report: RaceReport, style: Style): string[] {
  const { runs } = report;
  const alone = runs.length === 1;
  // Side by side there is room for figures that are high, but not for wide ones.
  const size = { columns: alone || style.columns >= 4 * LARGE_COLUMNS ? 4 : 2, lines: 2 };
  const columns = alone ? style.columns : Math.floor(style.columns / runs.length);
  const side = (cells: readonly Cell[]): string => joinCells(cells, columns, style);
  const figuresOf = runs.map((run) => bigText(shortCount(run.lost), size, style.ascii));
  const witness = runs.find((run) => run.witness !== null)?.witness;
  const [first, second] = runs;
  const cost = first && second ? costText(first, second) : undefined;
  return [
    side(runs.map(({ lock }) => ({ text: lockName(lock).toUpperCase(), paint: style.bold }))),
    '',
    ...Array.from({ length: 5 * size.lines }, (_, row) =>
      side(runs.map((run, i) => ({ text: figuresOf[i]?.[row] ?? '', paint: run.lost === 0 ? style.good : style.bad }))),
    ),
    '',
    side(runs.map(({ lost }) => ({ text: lost === 0 ? 'updates lost' : 'updates LOST', paint: style.bold }))),
    side(
      runs.map(
        ({ expected, lost, lostPct }) => `of ${countText(expected)}${lost === 0 ? '' : ` = ${percentText(lostPct)}`}`,
      ),
    ),
    ...(cost === undefined ? [] : [side(['', cost])]),
    ...(report.verdict === 'inconclusive' ? ['', ...wrap(raceVerdict(report), style.columns)] : []),
    ...(witness
      ? [
          '',
          `${witness.processes[0].name} and ${witness.processes[1].name} both read ${countText(witness.value)}.`,
          `Both wrote ${countText(witness.wrote)}.`,
          style.bold('Of two increments one is gone.'),
        ]
      : []),
  ];
}

function gridLine(label: Cell, cells: readonly Cell[], style: Style): string {
  const painted = typeof label === 'string' ? style.dim(label) : label.paint(label.text);
  const padding = ' '.repeat(Math.max(0, LABEL_COLUMNS - widthOf(textOf(label))));
  const rest = joinCells(cells, cells.length === 1 ? 2 * CELL_COLUMNS : CELL_COLUMNS, style);
  return rest === '' ? painted : painted + padding + rest;
}

function joinCells(cells: readonly Cell[], columns: number, style: Style): string {
  let line = '';
  let gap = '';
  for (const cell of cells) {
    const text = truncate(textOf(cell), columns, style.ascii);
    if (text !== '') {
      line += gap + (typeof cell === 'string' ? text : cell.paint(text));
      gap = '';
    }
    gap += ' '.repeat(columns - widthOf(text));
  }
  return line;
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function plainText(text: string, { ascii }: Style): string {
  return ascii ? text.replace('µ', 'u') : text;
}
