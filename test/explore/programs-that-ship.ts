import { catalogue } from '#src/scenario/catalogue.js';
import type { Scenario } from '#src/scenario/define.js';

/** Every scenario of this package that can be explored, by topic and name. */
export async function programsThatShip(): Promise<Scenario[]> {
  const found: Scenario[] = [];
  for (const { url } of catalogue()) {
    const { default: scenario } = (await import(url)) as { readonly default: Scenario };
    if (scenario.program !== undefined) found.push(scenario);
  }
  return found;
}
