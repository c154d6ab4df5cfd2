/**
 * A lock made of nothing but loads and stores: say that you want to enter, let the other go first, and wait while it wants to and it is its turn.
 * Forget to let the other go first, and both can wait for ever; forget to say that you want to enter before you look, and both get in.
 *
 * It is right only where memory is sequentially consistent, as it is here. On the plain memory of a real processor it is not.
 *
 * Gary L. Peterson, "Myths About the Mutual Exclusion Problem" (1981).
 */
import { type ActorContext, program, type RawArray, type RawValue } from 'ipc-lab';

interface Shared {
  readonly wants: RawArray;
  readonly turn: RawValue;
  readonly counter: RawValue;
}

export default program({
  name: 'peterson',
  title: "Peterson's lock for two, and what happens when it looks before it says what it wants",
  teaches: ['mutual exclusion', 'busy waiting', 'sequential consistency'],
  params: {
    variant: {
      default: 'right',
      choices: ['look-first', 'right'],
      about: 'whether it looks before it says that it wants to enter',
    },
  },
  compare: 'variant',
  shared: (lab): Shared => ({
    wants: lab.rawArray('i', 2, { name: 'wants' }),
    turn: lab.rawValue('i', 0, { name: 'turn' }),
    counter: lab.rawValue('i', 0, { name: 'counter' }),
  }),
  actors: () => [enter, enter],
  outcome: ({ counter }) => counter.value,
  grade: (outcome) => (outcome === 2 ? 'acceptable' : 'forbidden'),
});

export function enter(
  { wants, turn, counter }: Shared,
  lab: ActorContext,
  { variant }: { readonly variant: string },
): void {
  const me = lab.index;
  const other = 1 - me;
  if (variant === 'right') {
    wants.set(me, 1);
    turn.value = other;
    while (wants.get(other) === 1 && turn.value === other) lab.spin();
  } else {
    while (wants.get(other) === 1) lab.spin();
    wants.set(me, 1);
  }
  counter.value += 1;
  wants.set(me, 0);
}
