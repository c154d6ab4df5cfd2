/** Conditions: some put into a small store and others take from it, with a lock, and tell each other. */
import { type Condition, isIpcError, type Lock, type RawArray } from 'ipc-lab';
import { type AnyDrill, type Came, drill, linger, MARK, mustHold } from '../drill.ts';

const ROOM = 2;
const IN_STORE = 0;
const PUT = 1;
const TAKEN = 2;

interface Store {
  readonly lock: Lock;
  readonly filled: Condition;
  readonly emptied: Condition;
  /** What is in the store, what was ever put in, and taken out. */
  readonly counts: RawArray<'i'>;
}

export const conditionDrill: AnyDrill = drill<Store>({
  roles: { putter: 2, taker: 2 },
  make(lab) {
    const lock = lab.lock();
    return {
      lock,
      filled: lab.condition({ lock }),
      emptied: lab.condition({ lock }),
      counts: lab.rawArray('i', 3),
    };
  },
  async act(store, { role, random, mark, board }): Promise<Came> {
    const { lock, filled, emptied, counts } = store;
    const [mine, theirs, by, total] = role === 'putter' ? [emptied, filled, 1, PUT] : [filled, emptied, -1, TAKEN];
    const inStore = (): number => counts.get(IN_STORE);
    const possible = (): boolean => board.ending.get(0) === 1 || (role === 'putter' ? inStore() < ROOM : inStore() > 0);
    mark(MARK.enters);
    try {
      lock.acquire();
      if (random.below(4) === 0) await mine.waitForAsync(possible);
      else mine.waitFor(possible);
    } catch (error) {
      if (!isIpcError(error, 'ERR_IPC_OWNER_DIED')) throw error;
      repair(store);
      return 'nowhere';
    }
    mark(MARK.inside);
    mustHold(counts.get(PUT) - counts.get(TAKEN) === inStore(), () => `inside beside another: ${[...counts].join()}`);
    if (board.ending.get(0) === 0) {
      mustHold(inStore() + by >= 0 && inStore() + by <= ROOM, () => `${inStore()} are in a store for ${ROOM}`);
      counts.set(IN_STORE, inStore() + by);
      linger(random);
      counts.set(total, counts.get(total) + 1);
      theirs.notify();
    }
    lock.release();
    mark(MARK.outside);
    linger(random);
    return 'through';
  },
  onlooker: (store) => ({
    end() {
      if (!store.lock.acquire(100)) return;
      store.filled.notifyAll();
      store.emptied.notifyAll();
      store.lock.release();
    },
    examine() {
      const { lock, filled, emptied, counts } = store;
      mustHold(!lock.locked, () => `${lock.owner} holds the lock still`);
      mustHold(filled.waiters + emptied.waiters === 0, () => 'somebody still waits');
      mustHold(counts.get(PUT) - counts.get(TAKEN) === counts.get(IN_STORE), () => `wrong: ${[...counts].join()}`);
    },
  }),
});

/** Takes the lock from the dead. Whatever they were about to tell whomsoever: all look again. */
function repair({ lock, filled, emptied, counts }: Store): void {
  if (!lock.takeOver()) return;
  counts.set(IN_STORE, Math.min(ROOM, Math.max(0, counts.get(IN_STORE))));
  counts.set(PUT, counts.get(IN_STORE) + counts.get(TAKEN));
  filled.notifyAll();
  emptied.notifyAll();
  lock.release();
}
