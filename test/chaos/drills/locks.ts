/**
 * Locks: two counters are equal whenever the lock is acquired in the ordinary way. Who gets it from a dead holder makes them equal again.
 */
import { type Holdable, isIpcError, type RawArray, type RLock, type SharedValue } from 'ipc-lab';
import { type AnyLock, makeHoldable, makeLock } from '../../any-lock.ts';
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

const WORKERS = 4;

interface Locked {
  readonly lock: AnyLock;
  readonly counters: RawArray<'i'>;
  /** How often somebody got it from the dead. */
  readonly takeOvers: RawArray<'i'>;
}

/** A lock that tells of the death of its holder. */
export function lockDrill(kind: string): AnyDrill {
  return drill<Locked>({
    roles: { holder: WORKERS },
    make: (lab) => ({ lock: makeLock(lab, kind), counters: lab.rawArray('i', 2), takeOvers: lab.rawArray('i', 1) }),
    async act({ lock, counters, takeOvers }, self): Promise<Came> {
      if (await acquiredFromTheDead(lock, self)) {
        takeOvers.set(0, takeOvers.get(0) + 1);
        counters.set(1, counters.get(0));
      }
      const again = lock.kind === 'RLock' && self.random.below(2) === 0;
      if (again) lock.acquire();
      self.mark(MARK.inside);
      checkEqual(counters.get(0), counters.get(1));
      counters.set(0, counters.get(0) + 1);
      linger(self.random);
      counters.set(1, counters.get(1) + 1);
      self.mark(MARK.leaves);
      lock.release();
      if (again) lock.release();
      linger(self.random);
      return 'through';
    },
    onlooker: ({ lock, counters, takeOvers }, board) =>
      ledgerOnlooker(lock, counters.get.bind(counters), takeOvers, board),
  });
}

interface Valued {
  readonly value: SharedValue<'i'>;
  readonly counters: RawArray<'i'>;
  readonly takeOvers: RawArray<'i'>;
}

/** A shared value with its lock, held around several accesses. */
export const sharedValueDrill: AnyDrill = drill<Valued>({
  roles: { holder: WORKERS },
  make: (lab) => ({
    value: lab.sharedValue('i'),
    counters: lab.rawArray('i', 1),
    takeOvers: lab.rawArray('i', 1),
  }),
  async act({ value, counters, takeOvers }, self): Promise<Came> {
    const lock = value.getLock();
    if (await acquiredFromTheDead(lock, self)) {
      takeOvers.set(0, takeOvers.get(0) + 1);
      counters.set(0, value.value);
    }
    self.mark(MARK.inside);
    checkEqual(value.value, counters.get(0));
    value.value += 1;
    linger(self.random);
    counters.set(0, counters.get(0) + 1);
    self.mark(MARK.leaves);
    lock.release();
    linger(self.random);
    return 'through';
  },
  onlooker: ({ value, counters, takeOvers }, board) =>
    ledgerOnlooker(value.getLock(), (i) => (i === 0 ? value.value : counters.get(0)), takeOvers, board),
});

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

/** What must hold after all have ended, of a lock that is taken over from the dead. */
function ledgerOnlooker(
  lock: AnyLock | RLock,
  counter: (index: number) => number,
  takeOvers: RawArray<'i'>,
  { progress }: Board,
): Onlooker {
  let insideWhenKilled = 0;
  return {
    died: (_index, mark) => {
      if (mark === MARK.inside) insideWhenKilled++;
    },
    examine(kills) {
      mustHold(!lock.locked, () => `${lock.owner} holds it still`);
      checkEqual(counter(0), counter(1));
      const uncounted = counter(0) - [...progress].reduce((sum, each) => sum + each, 0);
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
async function acquireInSomeWay(lock: Holdable, { random }: Self): Promise<boolean> {
  const way = random.below(10);
  if (way < 6) return lock.acquire();
  if (way < 8) return lock.acquire(random.below(20));
  return lock.acquireAsync(way === 8 ? {} : { timeoutMs: random.below(20) });
}

function checkEqual(first: number, second: number): void {
  mustHold(first === second, () => `inside beside another: the counters are ${first} and ${second}`);
}
