/**
 * The smallest bug of all: `counter += 1` is a load, an addition and a store, and another process may come between. With a lock around the three,
 * or with one atomic addition, it cannot.
 */
import { type ActorContext, type Lock, program, type RawValue } from 'ipc-lab';

interface Shared {
  readonly counter: RawValue;
  readonly lock: Lock;
}

interface Parameters {
  readonly increments: number;
  readonly lock: string;
  readonly steps: number;
}

export default program({
  name: 'lost-update',
  title: 'Two processes add 1 to a counter, and one addition is gone',
  teaches: ['lost update', 'interleaving', 'Lock', 'atomic addition'],
  params: {
    processes: { default: 2, min: 1, max: 8, about: 'how many processes add to the counter' },
    increments: { default: 1, min: 1, max: 100, about: 'how often each adds 1' },
    lock: { default: 'none', choices: ['none', 'mutex', 'atomic'], about: 'what makes an addition indivisible' },
    steps: { default: 3, min: 2, max: 3, about: '3: load, add, store; 2: load, store' },
  },
  shared: (lab): Shared => ({ counter: lab.rawValue('i', 0, { name: 'counter' }), lock: lab.lock({ name: 'lock' }) }),
  actors: ({ processes }) => Array.from({ length: processes }, () => increment),
  outcome: ({ counter }) => counter.value,
  grade: (outcome, { processes, increments }) => (outcome === processes * increments ? 'acceptable' : 'forbidden'),
});

/** An addition is a load, an addition where nobody sees it, and a store. With three steps others may come before the addition, too. */
export function increment(
  { counter, lock }: Shared,
  lab: ActorContext,
  { increments, lock: kind, steps }: Parameters,
): void {
  for (let i = 0; i < increments; i++) {
    if (kind === 'atomic') {
      counter.add(1);
      continue;
    }
    if (kind === 'mutex') lock.acquire();
    const loaded = counter.value;
    if (steps === 3) lab.step('ADD');
    counter.value = loaded + 1;
    if (kind === 'mutex') lock.release();
  }
}
