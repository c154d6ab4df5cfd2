/**
 * The rates of what processes say to each other, as a scenario: one process takes messages out of a queue that others fill, or clients ask a
 * manager. Whoever is measured works for a warm-up, then counts what it does in a window; the others go on until it is over.
 */
import { isIpcError } from '../core/errors.ts';
import type { Dict } from '../manager/dict.ts';
import type { Queue } from '../primitives/queue.ts';
import type { RawArray } from '../primitives/raw-array.ts';
import type { RawValue } from '../primitives/raw-value.ts';
import { scenario } from '../scenario/define.ts';

/** How long a producer waits for room before it looks whether it is still wanted. */
const PATIENCE_MS = 20;
/** Requests of a client that are under way together. */
const BATCH = 100;
/** Operations between two looks at the clock. */
const TURNS = 100;

interface Window {
  /** Per measured process: operations in its window, and the window's length in ns. */
  readonly counts: RawArray<'d'>;
  readonly warmUpMs: number;
  readonly windowMs: number;
}

export default scenario({
  name: 'bench-messages',
  title: 'Messages, measured',
  teaches: [],
  params: {
    what: { default: 'queue', choices: ['queue', 'dict-set', 'dict-get', 'dict-pipelined'] },
    processes: { default: 1, min: 1, max: 64 },
    bytes: { default: 0, min: 0 },
    warmUpMs: { default: 100, min: 0 },
    windowMs: { default: 100, min: 1 },
  },
  run(lab, { what, processes, bytes, warmUpMs, windowMs }) {
    const measured = what === 'queue' ? 1 : processes;
    const window: Window = { counts: lab.rawArray('d', 2 * measured), warmUpMs, windowMs };
    if (what === 'queue') {
      const queue = lab.queue();
      const over = lab.rawValue('i', 0);
      const producers = lab.startMany(processes, produce, queue, bytes, over);
      lab.join(lab.start(consume, queue, over, window));
      lab.join(producers);
    } else {
      const dict = lab.manager().dict<string, number>([['key', 0]]);
      lab.join(Array.from({ length: processes }, (_, client) => lab.start(ask, client, dict, what, window)));
    }
    const rates = Array.from({ length: measured }, (_, i) => window.counts.get(2 * i) / window.counts.get(2 * i + 1));
    return {
      throughput: rates.reduce((sum, rate) => sum + rate, 0) * 1e9,
      windowNs: Math.min(...Array.from({ length: measured }, (_, i) => window.counts.get(2 * i + 1))),
    };
  },
});

/** Runs in each producer. */
export function produce(queue: Queue, bytes: number, over: RawValue): void {
  const message = bytes === 0 ? 'hello 0 times' : new Uint8Array(bytes);
  while (over.value === 0) {
    try {
      for (let i = 0; i < TURNS; i++) queue.put(message, PATIENCE_MS);
    } catch (error) {
      if (!isIpcError(error, 'ERR_IPC_FULL')) throw error;
    }
  }
}

/** Runs in the consumer. */
export function consume(queue: Queue, over: RawValue, window: Window): void {
  count(0, window, () => {
    for (let i = 0; i < TURNS; i++) queue.get();
  });
  over.value = 1;
}

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
    await countTogether(client, window, dict);
  }
}

function count(index: number, { counts, warmUpMs, windowMs }: Window, work: () => void): void {
  for (const began = performance.now(); performance.now() - began < warmUpMs; ) work();
  const began = process.hrtime.bigint();
  const until = began + BigInt(Math.round(windowMs * 1e6));
  let operations = 0;
  let now = began;
  for (; now < until; now = process.hrtime.bigint()) {
    work();
    operations += TURNS;
  }
  counts.set(2 * index, operations);
  counts.set(2 * index + 1, Number(now - began));
}

async function countTogether(
  index: number,
  { counts, warmUpMs, windowMs }: Window,
  dict: Dict<string, number>,
): Promise<void> {
  const batch = (): Promise<unknown> => Promise.all(Array.from({ length: BATCH }, () => dict.getAsync('key')));
  for (const began = performance.now(); performance.now() - began < warmUpMs; ) await batch();
  const began = process.hrtime.bigint();
  const until = began + BigInt(Math.round(windowMs * 1e6));
  let operations = 0;
  let now = began;
  for (; now < until; now = process.hrtime.bigint()) {
    await batch();
    operations += BATCH;
  }
  counts.set(2 * index, operations);
  counts.set(2 * index + 1, Number(now - began));
}
