/** The rates at which clients ask a manager, as a scenario. */
import type { Dict } from '../manager/dict.ts';
import { scenario } from '../scenario/define.ts';
import { count, countAsync, rateOf, TURNS, type Window } from './window.ts';

export default scenario({
  name: 'bench-requests',
  title: 'Requests, measured',
  teaches: [],
  params: {
    what: { default: 'dict-get', choices: ['dict-set', 'dict-get', 'dict-pipelined'] },
    processes: { default: 1, min: 1, max: 64 },
    warmUpMs: { default: 100, min: 0 },
    windowMs: { default: 100, min: 1 },
  },
  run(lab, { what, processes, warmUpMs, windowMs }) {
    const window: Window = { counts: lab.rawArray('d', 2 * processes), warmUpMs, windowMs };
    const dict = lab.manager().dict<string, number>([['key', 0]]);
    lab.join(Array.from({ length: processes }, (_, client) => lab.start(ask, client, dict, what, window)));
    return rateOf(window);
  },
});

/** Runs in each client of the manager. */
export async function ask(client: number, dict: Dict<string, number>, what: string, window: Window): Promise<void> {
  if (what === 'dict-set') {
    count(client, window, () => {
      for (let i = 0; i < TURNS; i++) dict.set('key', i);
    });
  } else if (what === 'dict-get') {
    count(client, window, () => {
      for (let i = 0; i < TURNS; i++) dict.get('key');
    });
  } else {
    await countAsync(client, window, () => Promise.all(Array.from({ length: TURNS }, () => dict.getAsync('key'))));
  }
}
