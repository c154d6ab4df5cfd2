/** The dictionary of a manager: its clients are killed with requests under way, and no value is ever half. */
import type { Dict } from 'ipc-lab';
import { type AnyDrill, type Came, drill, MARK, mustHold, type Self } from '../drill.ts';

const CLIENTS = 3;
/** What a client takes as long as it lives, and until the next one comes. */
const CLIENT_BYTES = 600 * 1024;
const REQUESTS = 20;
const LARGEST = 300_000;

interface Served {
  readonly dict: Dict<string, string>;
}

export const dictDrill: AnyDrill = drill<Served>({
  roles: { client: CLIENTS },
  lostBytes: (kills) => (CLIENTS + 3) * CLIENT_BYTES + kills * 1024,
  make(lab) {
    const dict = lab.manager().dict<string, string>();
    dict.set('shared', '0:');
    return { dict };
  },
  async act({ dict }, self): Promise<Came> {
    const { index, random, mark } = self;
    mark(MARK.inside);
    const one = random.below(2) === 0;
    const text = `${index}:`.padEnd(10 + random.below(one && random.below(20) === 0 ? LARGEST : 200), '.');
    if (one) {
      dict.set(`${index}`, text);
      mustHold(dict.get(`${index}`) === text, () => 'not what was written');
    } else await askManyThings(dict, text, self);
    dict.set('shared', text);
    const shared = dict.get('shared') ?? '';
    mustHold(/^\d+:\.*$/.test(shared), () => `half a value: ${shared.slice(0, 50)}`);
    mark(MARK.outside);
    return 'through';
  },
  onlooker: ({ dict }) => ({
    examine(kills) {
      const keys = dict.size;
      mustHold(keys <= kills + CLIENTS + 1, () => `${keys} keys of ${kills + CLIENTS} clients`);
      dict.clear();
    },
  }),
});

/** Requests of which each is answered as it was put, and in order. */
async function askManyThings(dict: Dict<string, string>, text: string, { index }: Self): Promise<void> {
  const answers = Array.from({ length: REQUESTS }, (_, k) => {
    const set = dict.setAsync(`${index}`, `${text}${k}`);
    const get = dict.getAsync(`${index}`);
    return Promise.all([get, set]);
  });
  for (const [k, [answer]] of (await Promise.all(answers)).entries())
    mustHold(answer === `${text}${k}`, () => 'not what was written');
}
