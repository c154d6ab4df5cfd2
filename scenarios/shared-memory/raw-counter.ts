/**
 * Raw shared memory has no lock of its own: `counter.value += 1` is a load, an addition and a store, and between them another process may
 * do the same. One lock makes the counter exact, whether it is held around the whole loop or taken anew for every addition.
 */
import { type Lock, type RawArray, type RawValue, scenario } from 'ipc-lab';

export default scenario({
  name: 'raw-counter',
  title: 'A raw counter and a raw array, both under one lock',
  teaches: ['RawValue', 'RawArray', 'Lock', 'lost update'],
  params: {
    processes: { default: 1, min: 1, max: 64, about: 'how many processes add to the counter' },
    increments: { default: 10_000, min: 0, max: 100_000_000, about: 'how often each adds 1' },
    hold: {
      default: 'loop',
      choices: ['loop', 'each'],
      about: 'take the lock once around the loop, or for each addition',
    },
  },
  run(lab, { processes, increments, hold }) {
    const counter = lab.rawValue('i', 0, { name: 'counter' });
    const numbers = lab.rawArray('i', [1, 2, 3, 4, 5], { name: 'numbers' });
    const lock = lab.lock({ name: 'lock' });
    const workers = lab.startMany(
      processes,
      hold === 'loop' ? addUnderOneHold : addHoldingEach,
      counter,
      lock,
      increments,
    );
    const squarer = lab.start(square, numbers, lock);
    lab.join([...workers, squarer]);
    return { counter: counter.value, numbers: [...numbers] };
  },
  expect: ({ processes, increments }) => ({ counter: processes * increments, numbers: [1, 4, 9, 16, 25] }),
});

/** Runs in a child: holds the lock around all its additions. */
export function addUnderOneHold(counter: RawValue, lock: Lock, increments: number): void {
  using _held = lock.hold();
  for (let i = 0; i < increments; i++) {
    counter.value += 1;
  }
}

/** Runs in a child: takes the lock anew for each addition, so that others get a turn in between. */
export function addHoldingEach(counter: RawValue, lock: Lock, increments: number): void {
  for (let i = 0; i < increments; i++) {
    using _held = lock.hold();
    counter.value += 1;
  }
}

/** Runs in a child. */
export function square(numbers: RawArray, lock: Lock): void {
  using _held = lock.hold();
  for (let i = 0; i < numbers.length; i++) {
    numbers.set(i, numbers.get(i) ** 2);
  }
}
