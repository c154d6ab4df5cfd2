/**
 * Three philosophers sit around a table with a fork between each two, and each needs both to eat. If everybody takes the left fork first, all can
 * hold one and wait for ever. If everybody takes the fork with the lower number first, somebody always eats.
 *
 * Edsger W. Dijkstra, 1965.
 */
import { type ActorContext, type Lock, program } from 'ipc-lab';

export default program({
  name: 'dining-philosophers',
  title: 'Philosophers who all take the left fork first starve',
  teaches: ['deadlock', 'circular wait', 'lock order'],
  params: {
    philosophers: { default: 3, min: 2, max: 5, about: 'how many sit around the table' },
    fork: {
      default: 'low',
      choices: ['left', 'low'],
      about: 'which fork is taken first: the left one, or the one with the lower number',
    },
  },
  compare: 'fork',
  shared: (lab, { philosophers }): readonly Lock[] =>
    Array.from({ length: philosophers }, (_, i) => lab.lock({ name: `fork ${i}` })),
  actors: ({ philosophers }) => Array.from({ length: philosophers }, () => dine),
  outcome: () => 'all have eaten',
  grade: () => 'acceptable',
});

export function dine(forks: readonly Lock[], { index }: ActorContext, { fork: rule }: { readonly fork: string }): void {
  const left = index;
  const right = (index + 1) % forks.length;
  const [first, second] = rule === 'left' ? [left, right] : [Math.min(left, right), Math.max(left, right)];
  forks[first]?.acquire();
  forks[second]?.acquire();
  forks[second]?.release();
  forks[first]?.release();
}
