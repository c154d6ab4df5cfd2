/** Every program that ships: the variant that goes wrong does, the other does not, and each mistake can be replayed. */
import { readFileSync, writeFileSync } from 'node:fs';
import stringWidth from 'fast-string-width';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseToken } from '#src/explore/token.js';
import { renderExplore } from '#src/render/terminal/explore.js';
import { renderReplay } from '#src/render/terminal/replay.js';
import { plainStyle } from '#src/render/terminal/style.js';
import type { Scenario } from '#src/scenario/define.js';
import type { ExploreReport, ReplayReport } from '#src/report/explore.js';
import { expectReplay } from '../cli/documents.ts';
import { answer, FakeIo, onlyDocument } from '../cli/fake-io.ts';
import { leaveNothing } from '../integration/nothing-left.ts';
import { explored } from './asked.ts';
import { programsThatShip } from './programs-that-ship.ts';

const LONGEST_TOKEN = 40;
const PAGE = new URL('../../docs/explorer.md', import.meta.url);
const TABLE_END = '\n(`IPC_LAB_UPDATE_DOCS=1';

leaveNothing();

function expectNarrow(text: string, ascii: boolean): void {
  for (const line of text.split('\n')) {
    expect(stringWidth(line)).toBeLessThanOrEqual(80);
    // oxlint-disable-next-line no-control-regex
    if (ascii) expect(line).toMatch(/^[\x20-\x7e]*$/);
  }
}

/** Its line in the table of the documentation. */
function line({ name, program }: Scenario, [wrong, right]: readonly ExploreReport[]): string {
  const compared = program?.compare ?? 'lock';
  const bad = [...(wrong?.outcomes.filter(({ grade }) => grade === 'forbidden') ?? []), ...(wrong?.deadlocks ?? [])];
  const count = bad.reduce((sum, { schedules }) => sum + schedules, 0);
  const variant = (report: ExploreReport | undefined): string => `${compared} ${String(report?.params[compared])}`;
  return `| \`${name}\` | ${[
    variant(wrong),
    `${count} of ${wrong?.schedules}`,
    `\`${bad[0]?.token}\``,
    variant(right),
    `${right?.verdict}, ${right?.schedules}`,
  ].join(' | ')} |`;
}

describe.each(await programsThatShip())('$name', { timeout: 300_000 }, (scenario) => {
  const { name } = scenario;
  let reports: ExploreReport[];
  beforeAll(async () => {
    reports = await explored(name);
  }, 300_000);

  test('goes wrong, and goes right with what cures it', () => {
    expect(reports.map(({ verdict, meantToFail, complete }) => ({ verdict, meantToFail, complete }))).toEqual([
      { verdict: 'VIOLATION', meantToFail: true, complete: true },
      { verdict: 'PROVEN', meantToFail: false, complete: true },
    ]);
  });

  test('has tokens that a person can copy', () => {
    const tokens = reports.flatMap(({ outcomes, deadlocks }) => [...outcomes, ...deadlocks].map(({ token }) => token));
    expect(tokens.filter((token) => token.length > LONGEST_TOKEN)).toEqual([]);
    expect(tokens.map((token) => parseToken(token).program)).toEqual(tokens.map(() => name));
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  test.each([false, true])('has a screen of 80 columns with every token whole: ascii %s', (ascii) => {
    const text = renderExplore(reports, plainStyle(80, ascii));
    expectNarrow(text, ascii);
    for (const { outcomes, deadlocks } of reports)
      for (const { token } of [...outcomes, ...deadlocks]) expect(text).toContain(token);
  });

  test('stands in the table of docs/explorer.md', () => {
    const page = readFileSync(PAGE, 'utf8');
    const now = line(scenario, reports);
    const before = page.split('\n').find((each) => each.startsWith(`| \`${name}\` |`));
    if (process.env['IPC_LAB_UPDATE_DOCS'] === '1')
      writeFileSync(
        PAGE,
        before === undefined ? page.replace(TABLE_END, () => `${now}\n${TABLE_END}`) : page.replace(before, () => now),
      );
    else expect(before).toBe(now);
  });

  test('replays what is forbidden, ten times out of ten and byte for byte', async () => {
    const bad = reports.flatMap(({ outcomes, deadlocks }) => [
      ...outcomes.filter(({ grade }) => grade === 'forbidden').map(({ token, outcome }) => ({ token, outcome })),
      ...deadlocks.map(({ token, cycle }) => ({ token, outcome: `deadlock: ${cycle.join('; ')}` })),
    ]);
    expect(bad).not.toEqual([]);
    for (const { token, outcome } of bad) {
      const report = onlyDocument(await answer(['replay', token, '--json', '--timeout', '240'])) as ReplayReport;
      expect(report).toMatchObject({ token, program: name, outcome, grade: 'forbidden', runs: 10, same: 10 });
      const shown = await answer(['replay', token, '--timeout', '240'], new FakeIo(undefined));
      expect(await answer(['replay', token, '--timeout', '240'], new FakeIo(undefined))).toEqual(shown);
      expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
      for (const ascii of [false, true])
        for (const all of [false, true]) expectNarrow(renderReplay(report, all, plainStyle(80, ascii)), ascii);
      expectReplay(report);
      expect(shown.stdout).toContain('came out the same 10 of 10 times, with real processes');
    }
  });
});
