/**
 * A buffer with one place, and a condition for each side. Who was told that there is something must look again: between being told and having
 * the lock again, another may have taken it. So `while` belongs where `if` seems to be enough.
 */
import { type ActorContext, type Condition, program, type RawValue } from 'ipc-lab';

interface Shared {
  readonly buffer: RawValue;
  readonly notEmpty: Condition;
  readonly notFull: Condition;
  readonly taken: RawValue;
}

interface Params {
  readonly look: string;
  readonly consumers: number;
}

const EMPTY = 0;

export default program({
  name: 'bounded-buffer',
  title: 'Who was told that the buffer is full finds it empty',
  teaches: ['Condition', 'producer and consumer', 'while, not if'],
  params: {
    consumers: { default: 2, min: 1, max: 4, about: 'how many take one item each' },
    look: { default: 'while', choices: ['if', 'while'], about: 'how a consumer looks whether there is an item' },
  },
  shared: (lab): Shared => {
    const lock = lab.lock({ name: 'lock' });
    return {
      buffer: lab.rawValue('i', EMPTY, { name: 'buffer' }),
      notEmpty: lab.condition({ name: 'not empty', lock }),
      notFull: lab.condition({ name: 'not full', lock }),
      taken: lab.rawValue('i', 0, { name: 'taken' }),
    };
  },
  actors: ({ consumers }) => [produce, ...Array.from({ length: consumers }, () => consume)],
  outcome: ({ taken }) => `${taken.value} taken`,
  grade: (outcome, { consumers }) => (outcome === `${consumers} taken` ? 'acceptable' : 'forbidden'),
  compare: 'look',
});

/** Puts as many items into the buffer as there are consumers. */
export function produce({ buffer, notEmpty, notFull }: Shared, _lab: ActorContext, { consumers }: Params): void {
  for (let item = 1; item <= consumers; item++) {
    notFull.acquire();
    while (buffer.value !== EMPTY) notFull.wait();
    buffer.value = item;
    notEmpty.notify();
    notFull.release();
  }
}

/** Takes one item out of the buffer. */
export function consume({ buffer, notEmpty, notFull, taken }: Shared, _lab: ActorContext, { look }: Params): void {
  notEmpty.acquire();
  if (look === 'while') while (buffer.value === EMPTY) notEmpty.wait();
  else if (buffer.value === EMPTY) notEmpty.wait();
  if (buffer.value !== EMPTY) taken.add(1);
  buffer.value = EMPTY;
  notFull.notify();
  notEmpty.release();
}
