/**
 * Processes do not share variables; they can send messages. Three processes, one after the other, put a greeting into a queue that their
 * parent made, and the parent takes the greetings out again: first in, first out.
 */
import { type Queue, scenario } from 'ipc-lab';

export default scenario({
  name: 'queue-greetings',
  title: 'Three processes put greetings into a queue, their parent takes them out',
  teaches: ['Queue', 'Process', 'first in, first out'],
  params: { processes: { default: 3, min: 1, max: 64, about: 'how many processes greet' } },
  run(lab, { processes }) {
    const greetings = lab.queue<string>({ name: 'greetings' });
    for (let i = 0; i < processes; i++) {
      lab.join(lab.start(greet, greetings, i));
    }
    return Array.from({ length: processes }, () => greetings.get());
  },
  expect: ({ processes }) => Array.from({ length: processes }, (_, i) => `hello ${i} times`),
});

/** Runs in a child. */
export function greet(greetings: Queue<string>, times: number): void {
  greetings.put(`hello ${times} times`);
}
