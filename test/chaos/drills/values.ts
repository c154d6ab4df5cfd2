/** Values in shared memory: with their locks held around several accesses, and numbers that change in one atomic step. */
import type { Lock, RawArray, RLock, ShareableList, SharedArray, SharedValue, Struct } from 'ipc-lab';
import { type AnyDrill, type Came, drill, linger, MARK, mustHold } from '../drill.ts';
import { ledgerDrill, WORKERS } from './ledger.ts';

interface Valued {
  readonly value: SharedValue<'i'>;
  readonly other: RawArray<'i'>;
}

export const sharedValueDrill: AnyDrill = ledgerDrill<Valued>({
  make: (lab) => ({ value: lab.sharedValue('i'), other: lab.rawArray('i', 1) }),
  lockOf: ({ value }) => value.getLock(),
  get: ({ value, other }, index) => (index === 0 ? value.value : other.get(0)),
  set: ({ value, other }, index, to) => {
    if (index === 0) value.value = to;
    else other.set(0, to);
  },
});

export const sharedArrayDrill: AnyDrill = ledgerDrill<{ readonly array: SharedArray<'d'> }>({
  make: (lab) => ({ array: lab.sharedArray('d', 2) }),
  lockOf: ({ array }) => array.getLock(),
  get: ({ array }, index) => array.get(index),
  set: ({ array }, index, to) => array.set(index, to),
});

type Pair = Struct<{ readonly first: 'i'; readonly label: 'c'; readonly second: 'd' }>;

export const structDrill: AnyDrill = ledgerDrill<{ readonly pair: Pair }>({
  make: (lab) => ({ pair: lab.struct({ first: 'i', label: 'c', second: 'd' }) }),
  lockOf: ({ pair }) => pair.getLock() as RLock,
  get: ({ pair }, index) => (index === 0 ? pair.first : pair.second),
  set: ({ pair }, index, to) => {
    if (index === 0) pair.first = to;
    else pair.second = to;
  },
});

interface Listed {
  readonly lock: Lock;
  readonly list: ShareableList;
}

/** A list has no lock of its own. One of the numbers stands there as a text, of which a killed writer leaves a part. */
export const listDrill: AnyDrill = ledgerDrill<Listed>({
  make: (lab) => ({ lock: lab.lock(), list: lab.shareableList([0, ''.padStart(40, '0')]) }),
  lockOf: ({ lock }) => lock,
  get: ({ list }, index) => Number(list.get(index)),
  set: ({ list }, index, to) => list.set(index, index === 0 ? to : `${to}`.padStart(40, '0')),
});

interface Counted {
  readonly whole: RawArray<'i'>;
  readonly long: RawArray<'q'>;
  /** Two parts of one cell. */
  readonly short: RawArray<'H'>;
}

/** Whoever is killed has added everywhere or, from some place on, nowhere. */
export const atomicsDrill: AnyDrill = drill<Counted>({
  roles: { adder: WORKERS },
  make: (lab) => ({ whole: lab.rawArray('i', 1), long: lab.rawArray('q', 1), short: lab.rawArray('H', 2) }),
  act({ whole, long, short }, { random, mark }): Came {
    mark(MARK.inside);
    whole.add(0, 1);
    for (;;) {
      const before = long.get(0);
      if (long.compareExchange(0, before, before + 1n) === before) break;
    }
    short.add(0, 1);
    short.sub(1, 1);
    mark(MARK.outside);
    linger(random);
    return 'through';
  },
  onlooker: ({ whole, long, short }, { progress }) => ({
    examine(kills) {
      const through = [...progress].reduce((sum, each) => sum + each, 0);
      const added = whole.get(0);
      mustHold(added >= through && added <= through + kills, () => `${added} were added, ${through} got through`);
      const missing = [added - Number(long.get(0)), (added - short.get(0)) & 0xffff, (added + short.get(1)) & 0xffff];
      mustHold(
        missing.every((each, i) => each >= (missing[i - 1] ?? 0) && each <= kills),
        () => `of ${added} additions are missing: ${missing.join(', ')}`,
      );
    },
  }),
});
