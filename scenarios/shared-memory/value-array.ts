/**
 * The first lesson of every tutorial: a child process changes a number and an array, and its parent sees it,
 * because both lie in memory that the two share. Ordinary variables are copied instead, and the parent would see nothing.
 */
import { type SharedArray, type SharedValue, scenario } from 'ipc-lab';

export default scenario({
  name: 'value-array',
  title: 'A child changes a shared number and squares a shared array in place',
  teaches: ['SharedValue', 'SharedArray', 'Process'],
  params: { length: { default: 10, min: 0, max: 20_000, about: 'elements of the array' } },
  run(lab, { length }) {
    const number = lab.sharedValue('d', 0, { name: 'number' });
    const numbers = lab.sharedArray(
      'i',
      Array.from({ length }, (_, i) => i),
      { name: 'numbers' },
    );
    const child = lab.start(change, number, numbers);
    lab.join(child);
    return { number: number.value, numbers: [...numbers] };
  },
  expect: ({ length }) => ({ number: 3.1415927, numbers: Array.from({ length }, (_, i) => i * i) }),
});

/** Runs in the child. */
export function change(number: SharedValue<'d'>, numbers: SharedArray<'i'>): void {
  number.value = 3.1415927;
  for (let i = 0; i < numbers.length; i++) {
    numbers.set(i, numbers.get(i) ** 2);
  }
}
