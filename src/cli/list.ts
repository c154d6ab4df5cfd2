import { renderList } from '../render/terminal/list.ts';
import type { ListReport, ScenarioReport } from '../report/list.ts';
import { REPORT_VERSION } from '../report/run.ts';
import { catalogue } from '../scenario/catalogue.ts';
import { loadScenario } from '../scenario/load.ts';
import { type Io, styleFor } from './io.ts';

/** Carries out `ipc-lab list`. */
export async function list(
  { json, ascii }: { readonly json: boolean; readonly ascii: boolean },
  io: Io,
): Promise<number> {
  const scenarios = await Promise.all(
    catalogue().map(async ({ topic, url }): Promise<ScenarioReport> => {
      const { scenario } = await loadScenario(url);
      const { name, title, teaches, params = {} } = scenario;
      return { name, title, topic, teaches, params };
    }),
  );
  const report: ListReport = { version: REPORT_VERSION, kind: 'list', scenarios };
  io.stdout.write(json ? `${JSON.stringify(report)}\n` : renderList(report, styleFor(io.stdout, io.env, ascii)));
  return 0;
}
