/** Locks: those that tell of the death of their holder, and those that do not. */
import type { Holdable, RawArray } from 'ipc-lab';
import { type AnyLock, makeHoldable, makeLock } from '../../any-lock.ts';
import { type AnyDrill, type Came, drill, linger, MARK, mustHold } from '../drill.ts';
import { acquireInSomeWay, checkEqual, ledgerDrill, WORKERS } from './ledger.ts';

interface Locked {
  readonly lock: AnyLock;
  readonly counters: RawArray<'i'>;
}

/** A lock that tells of the death of its holder. */
export function lockDrill(kind: string): AnyDrill {
  return ledgerDrill<Locked>({
    make: (lab) => ({ lock: makeLock(lab, kind), counters: lab.rawArray('i', 2) }),
    lockOf: ({ lock }) => lock,
    get: ({ counters }, index) => counters.get(index),
    set: ({ counters }, index, value) => counters.set(index, value),
  });
}

interface Silent {
  readonly lock: Holdable;
  readonly counters: RawArray<'i'>;
  /** Who is inside: its index and 1, or 0. */
  readonly inside: RawArray<'i'>;
}

/** A lock that is free, or as good as free, when its holder has died, and tells nobody: a holder says beside it that it is inside. */
export function silentLockDrill(kind: string): AnyDrill {
  return drill<Silent>({
    roles: { holder: WORKERS },
    make: (lab) => ({ lock: makeHoldable(lab, kind), counters: lab.rawArray('i', 2), inside: lab.rawArray('i', 1) }),
    async act({ lock, counters, inside }, self): Promise<Came> {
      self.mark(MARK.enters);
      if (!(await acquireInSomeWay(lock, self))) return 'nowhere';
      self.mark(MARK.inside);
      const before = inside.get(0);
      mustHold(before === 0 || self.board.doomed.get(before - 1) === 1, () => `inside beside worker ${before - 1}`);
      if (before !== 0) counters.set(1, counters.get(0));
      inside.set(0, self.index + 1);
      checkEqual(counters.get(0), counters.get(1));
      counters.set(0, counters.get(0) + 1);
      linger(self.random);
      counters.set(1, counters.get(1) + 1);
      inside.set(0, 0);
      self.mark(MARK.leaves);
      lock.release();
      linger(self.random);
      return 'through';
    },
    onlooker: ({ lock, counters }) => ({
      examine() {
        checkEqual(counters.get(0), counters.get(1));
        mustHold(!lock.locked, () => `${lock.owner} holds it still`);
      },
    }),
  });
}
