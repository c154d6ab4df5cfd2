/**
 * A manager is a process that owns objects for others. Ten processes each store one entry in its dict, through proxies: what looks like a
 * method call is a message to the manager and back. Slower than shared memory, and it takes keys and values of any size.
 */
import { type Dict, scenario } from 'ipc-lab';

export default scenario({
  name: 'manager-dict',
  title: 'Ten processes fill a dict that lives in a manager process',
  teaches: ['Manager', 'Dict', 'proxy', 'Process'],
  params: { processes: { default: 10, min: 1, max: 64, about: 'how many processes store an entry' } },
  run(lab, { processes }) {
    const squares = lab.manager().dict<number, number>([], { name: 'squares' });
    const workers = Array.from({ length: processes }, (_, i) => lab.start(store, squares, i));
    lab.join(workers);
    return Object.fromEntries(squares.entries().toSorted(([a], [b]) => a - b));
  },
  expect: ({ processes }) => Object.fromEntries(Array.from({ length: processes }, (_, i) => [i, i * i])),
});

/** Runs in a child. */
export function store(squares: Dict<number, number>, i: number): void {
  squares.set(i, i * i);
}
