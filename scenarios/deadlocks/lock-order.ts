/**
 * Two processes need the same two locks. Taken in opposite order, each can end up with one and wait for the other's for ever; taken in the same
 * order by all, they cannot.
 */
import { type ActorContext, type Lock, program } from 'ipc-lab';

interface Shared {
  readonly left: Lock;
  readonly right: Lock;
}

export default program({
  name: 'lock-order',
  title: 'Two locks taken in opposite order, and nobody can go on',
  teaches: ['deadlock', 'lock order', 'Lock'],
  params: {
    order: {
      default: 'same',
      choices: ['opposite', 'same'],
      about: 'the order in which the second process takes the locks',
    },
  },
  compare: 'order',
  shared: (lab): Shared => ({ left: lab.lock({ name: 'left' }), right: lab.lock({ name: 'right' }) }),
  actors: () => [takeBoth, takeBoth],
  outcome: () => 'both done',
  grade: () => 'acceptable',
});

export function takeBoth(
  { left, right }: Shared,
  { index }: ActorContext,
  { order }: { readonly order: string },
): void {
  const [first, second] = index === 0 || order === 'same' ? [left, right] : [right, left];
  first.acquire();
  second.acquire();
  second.release();
  first.release();
}
