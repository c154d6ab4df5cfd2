import type { ListReport, ParameterReport, ScenarioReport } from '../../report/list.ts';
import type { Style } from './style.ts';
import { widthOf, wrap } from './text.ts';

/** All scenarios by topic, for a person. */
export function renderList(report: ListReport, style: Style): string {
  const topics = new Map<string, ScenarioReport[]>();
  for (const each of report.scenarios) topics.set(each.topic, [...(topics.get(each.topic) ?? []), each]);
  const nameWidth = Math.max(...report.scenarios.map(({ name }) => widthOf(name)));
  const indent = ' '.repeat(nameWidth + 4);
  const lines: string[] = [];
  for (const [topic, scenarios] of topics) {
    lines.push(style.bold(topic));
    for (const { name, title, teaches, params } of scenarios) {
      const [first = '', ...more] = wrap(title, style.columns - indent.length);
      lines.push(
        `  ${style.name(name)}${' '.repeat(nameWidth - widthOf(name) + 2)}${first}`,
        ...more.map((line) => indent + line),
      );
      const flags = Object.keys(params).map(flagOf);
      for (const line of wrap(teaches.join(', '), style.columns - indent.length)) lines.push(indent + style.dim(line));
      if (flags.length > 0)
        for (const line of wrap(flags.join(' '), style.columns - indent.length)) lines.push(indent + style.dim(line));
    }
    lines.push('');
  }
  lines.push(
    `Run one with ${style.name('ipc-lab run <name>')}, all with ${style.name('ipc-lab run all')},`,
    `a file of your own with ${style.name('ipc-lab run ./file.js')}`,
  );
  return `${lines.join('\n')}\n`;
}

/** One scenario, with what its parameters mean. */
export function renderScenario({ name, title, teaches, params }: ScenarioReport, style: Style): string {
  const entries = Object.entries(params).map(([parameter, spec]) => [flagOf(parameter), meaningOf(spec)] as const);
  const indent = Math.max(0, ...entries.map(([flag]) => widthOf(flag))) + 4;
  const lines = [
    style.bold(style.name(name)),
    ...wrap(title, style.columns),
    ...wrap(teaches.join(', '), style.columns).map(style.dim),
  ];
  if (entries.length > 0) lines.push('');
  for (const [flag, meaning] of entries) {
    const [first = '', ...more] = wrap(meaning, style.columns - indent);
    lines.push(`  ${style.name(flag)}${' '.repeat(indent - 2 - widthOf(flag))}${first}`);
    lines.push(...more.map((line) => ' '.repeat(indent) + line));
  }
  return `${lines.join('\n')}\n`;
}

/** As in `how many processes add: 1 to 64 (default 2)`. */
function meaningOf({ about, choices, min, max, default: preset }: ParameterReport): string {
  const range =
    choices?.join(', ') ??
    (min !== undefined && max !== undefined
      ? `${min} to ${max}`
      : min !== undefined
        ? `${min} or more`
        : max !== undefined
          ? `at most ${max}`
          : undefined);
  const what = [about, range].filter((each) => each !== undefined).join(': ');
  return `${what} (default ${preset === '' ? 'none' : String(preset)})`.trimStart();
}

function flagOf(parameter: string): string {
  return `--${parameter.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
