import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { Lock } from '#src/primitives/lock.js';

const FREE = 0;
const WAITERS = 1;

/**
 * The classic mistake in a lock of this kind: who has slept acquires as if nobody else slept. Its release then wakes nobody. With two
 * processes nobody else sleeps, and every test passes.
 */
export class LockWithoutWaitersBit extends Lock {
  protected override takeSlowly(): boolean {
    const { cells, wordCell, mine, memory } = this;
    return (
      memory.waiter.block<true>({
        verb: 'acquire',
        target: this[SHARED_OBJECT],
        cell: wordCell,
        expected: FREE,
        attempt() {
          for (;;) {
            const word = cells.load(wordCell);
            if (word === FREE) {
              // Right is mine | WAITERS.
              if (cells.compareExchange(wordCell, FREE, mine) === FREE) return true;
            } else {
              this.expected = word | WAITERS;
              if ((word & WAITERS) !== 0 || cells.compareExchange(wordCell, word, word | WAITERS) === word)
                return undefined;
            }
          }
        },
        check() {},
      }) === true
    );
  }
}
