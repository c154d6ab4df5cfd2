/** A readers-writer lock: two counters are equal for whoever reads or begins to write. */
import { isIpcError, type RawArray, type RwLock } from 'ipc-lab';
import { type AnyDrill, type Came, drill, linger, MARK, mustHold, pause, type Self } from '../drill.ts';

interface Book {
  readonly rwLock: RwLock;
  readonly counters: RawArray<'i'>;
}

export const rwLockDrill: AnyDrill = drill<Book>({
  roles: { reader: 3, writer: 2 },
  make: (lab) => ({ rwLock: lab.rwlock(), counters: lab.rawArray('i', 2) }),
  async act({ rwLock, counters }, self): Promise<Came> {
    const { role, random, mark } = self;
    const reads = role === 'reader';
    const same = (): void =>
      mustHold(counters.get(0) === counters.get(1), () => `a ${role} beside a writer: ${[...counters].join()}`);
    mark(MARK.enters);
    try {
      if (!(await acquireInSomeWay(rwLock, reads, self))) return 'nowhere';
    } catch (error) {
      if (!isIpcError(error, 'ERR_IPC_OWNER_DIED')) throw error;
      if (rwLock.takeOver()) {
        counters.set(1, counters.get(0));
        rwLock.releaseWrite();
      }
      return 'nowhere';
    }
    mark(MARK.inside);
    same();
    if (!reads) counters.set(0, counters.get(0) + 1);
    linger(random);
    if (!reads) counters.set(1, counters.get(1) + 1);
    same();
    mark(MARK.leaves);
    if (reads) rwLock.releaseRead();
    else rwLock.releaseWrite();
    mark(MARK.outside);
    // Writers go first: readers have their turn only if writers are away now and then.
    if (!reads) pause(random.next() * 2);
    return 'through';
  },
  onlooker: ({ rwLock, counters }) => ({
    examine() {
      mustHold(rwLock.writer === undefined && rwLock.readers === 0, () => 'somebody holds it still');
      mustHold(counters.get(0) === counters.get(1), () => `the counters are ${[...counters].join()}`);
    },
  }),
});

async function acquireInSomeWay(rwLock: RwLock, reads: boolean, { random }: Self): Promise<boolean> {
  const way = random.below(10);
  const timeoutMs = way % 2 === 0 ? undefined : random.below(20);
  if (way < 7) return reads ? rwLock.acquireRead(timeoutMs) : rwLock.acquireWrite(timeoutMs);
  return reads ? rwLock.acquireReadAsync({ timeoutMs }) : rwLock.acquireWriteAsync({ timeoutMs });
}
