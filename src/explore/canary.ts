/** A program with a bug that every explorer worth its name must find: two loads may come before both stores. */
import type { RawValue } from '../primitives/raw-value.ts';
import type { Lab } from '../lab/lab.ts';
import { program } from '../scenario/define.ts';

export default program({
  name: 'canary',
  title: 'An update that is lost when another comes between its load and its store',
  teaches: ['lost update'],
  params: { actors: { default: 2, min: 2, max: 16 } },
  shared: (lab: Lab) => ({ counter: lab.rawValue('i', 0, { name: 'canary counter' }) }),
  actors: ({ actors }) => Array.from({ length: actors }, () => increment),
  outcome: ({ counter }) => counter.value,
  grade: (outcome, { actors }) => (outcome === actors ? 'acceptable' : 'forbidden'),
});

export function increment({ counter }: { readonly counter: RawValue }): void {
  counter.value += 1;
}
