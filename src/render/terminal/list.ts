import type { ListReport, ScenarioReport } from '../../report/list.ts';
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
      const flags = Object.keys(params).map(
        (parameter) => `--${parameter.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      );
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
