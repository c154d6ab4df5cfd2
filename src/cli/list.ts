import { renderList, renderScenario } from '../render/terminal/list.ts';
import type { ListReport, ScenarioReport } from '../report/list.ts';
import { REPORT_VERSION } from '../report/run.ts';
import { catalogue } from '../scenario/catalogue.ts';
import { loadScenario } from '../scenario/load.ts';
import { type Io, styleFor } from './io.ts';
import type { DescribePlan } from './plan.ts';

/** Carries out `ipc-lab list`. */
export async function list(
  { json, ascii }: { readonly json: boolean; readonly ascii: boolean },
  io: Io,
): Promise<number> {
  const report: ListReport = { version: REPORT_VERSION, kind: 'list', scenarios: await allScenarios() };
  io.stdout.write(json ? `${JSON.stringify(report)}\n` : renderList(report, styleFor(io.stdout, io.env, ascii)));
  return 0;
}

/** Carries out `ipc-lab run NAME --help`: what a scenario of ours takes, before what every scenario takes. */
export async function describe({ name, text, ascii }: DescribePlan, io: Io): Promise<number> {
  const scenario = (await allScenarios()).find((each) => each.name === name);
  if (scenario !== undefined) io.stdout.write(`${renderScenario(scenario, styleFor(io.stdout, io.env, ascii))}\n`);
  io.stdout.write(text);
  return 0;
}

function allScenarios(): Promise<ScenarioReport[]> {
  return Promise.all(
    catalogue().map(async ({ topic, url }): Promise<ScenarioReport> => {
      const { scenario } = await loadScenario(url);
      const { name, title, teaches, params = {} } = scenario;
      return { name, title, topic, teaches, params };
    }),
  );
}
