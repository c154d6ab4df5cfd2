/**
 * Two numbers under a lock: they are equal whenever the lock is acquired in the ordinary way. Who gets it from a dead holder makes them equal again.
 */
import { type Holdable, isIpcError, type Lab, type RawArray } from 'ipc-lab';
import type { AnyLock } from '../../any-lock.ts';
import {
  type AnyDrill,
  type Board,
  type Came,
  drill,
  linger,
  MARK,
  mustHold,
  type Onlooker,
  type Self,
} from '../drill.ts';

export const WORKERS = 4;

/** Where the two numbers are, and their lock. */
export interface Ledger<S> {
  make(lab: Lab): S;
  lockOf(shared: S): AnyLock;
  get(shared: S, index: 0 | 1): number;
  set(shared: S, index: 0 | 1, value: number): void;
}

interface Kept<S> {
  readonly shared: S;
  /** How often somebody got the lock from the dead. */
  readonly takeOvers: RawArray<'i'>;
}

export function ledgerDrill<S extends object>(ledger: Ledger<S>): AnyDrill {
  return drill<Kept<S>>({
    roles: { holder: WORKERS },
    make: (lab) => ({ shared: ledger.make(lab), takeOvers: lab.rawArray('i', 1) }),
    async act({ shared, takeOvers }, self): Promise<Came> {
      const lock = ledger.lockOf(shared);
      if (await acquiredFromTheDead(lock, self)) {
        takeOvers.set(0, takeOvers.get(0) + 1);
        ledger.set(shared, 1, ledger.get(shared, 0));
      }
      const again = lock.kind === 'RLock' && self.random.below(2) === 0;
      if (again) lock.acquire();
      self.mark(MARK.inside);
      checkEqual(ledger.get(shared, 0), ledger.get(shared, 1));
      ledger.set(shared, 0, ledger.get(shared, 0) + 1);
      linger(self.random);
      ledger.set(shared, 1, ledger.get(shared, 1) + 1);
      self.mark(MARK.leaves);
      lock.release();
      if (again) lock.release();
      linger(self.random);
      return 'through';
    },
    onlooker: ({ shared, takeOvers }, board) => onlooker(ledger, shared, takeOvers, board),
  });
}

function onlooker<S>(ledger: Ledger<S>, shared: S, takeOvers: RawArray<'i'>, { progress }: Board): Onlooker {
  let insideWhenKilled = 0;
  return {
    died: (_index, mark) => {
      if (mark === MARK.inside) insideWhenKilled++;
    },
    examine(kills) {
      const lock = ledger.lockOf(shared);
      mustHold(!lock.locked, () => `${lock.owner} holds it still`);
      const counted = ledger.get(shared, 0);
      checkEqual(counted, ledger.get(shared, 1));
      const uncounted = counted - [...progress].reduce((sum, each) => sum + each, 0);
      mustHold(uncounted >= 0 && uncounted <= kills, () => `${uncounted} additions are not accounted for`);
      const taken = takeOvers.get(0);
      mustHold(
        taken >= insideWhenKilled && taken <= kills,
        () => `${taken} take-overs from ${insideWhenKilled} to ${kills} dead holders`,
      );
    },
  };
}

/** Acquires it; true if it was a dead process's. */
async function acquiredFromTheDead(lock: AnyLock, self: Self): Promise<boolean> {
  for (;;) {
    self.mark(MARK.enters);
    try {
      if (await acquireInSomeWay(lock, self)) return false;
    } catch (error) {
      if (!isIpcError(error, 'ERR_IPC_OWNER_DIED')) throw error;
      if (lock.takeOver()) return true;
    }
  }
}

/** Acquires it in one of the ways there are; false when the time was over first. */
export async function acquireInSomeWay(lock: Holdable, { random }: Self): Promise<boolean> {
  const way = random.below(10);
  if (way < 6) return lock.acquire();
  if (way < 8) return lock.acquire(random.below(20));
  return lock.acquireAsync(way === 8 ? {} : { timeoutMs: random.below(20) });
}

export function checkEqual(first: number, second: number): void {
  mustHold(first === second, () => `inside beside another: the counters are ${first} and ${second}`);
}
