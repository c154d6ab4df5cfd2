import { IpcError } from '../core/errors.ts';
import { monotonicMs } from '../memory/clock.ts';
import type { RawArray } from '../primitives/raw-array.ts';
import { ACTION, type Board } from './board.ts';
import { playHandOff } from './hand-off.ts';
import type { Lane, LockKind, LockKinds } from './lock-kinds.ts';
import { ReadLog } from './read-log.ts';

/** The longest that a process spins before it sleeps: two that start together meet long before. */
const SPIN_TURNS = 20_000;

/** What a racing process does: waits for orders and carries them out until it is sent home. Blocks. See board.ts. */
export function obeyOrders(kinds: LockKinds, board: Board, log: RawArray<'i'>, self: number): void {
  const readLog = new ReadLog(log.view());
  for (;;) {
    board.go[self]?.acquire();
    const [action, kindIndex, racers = 0, iterations = 0, play = 0] = board.order; // as in ORDER
    if (action === ACTION.goHome) return;
    if (self < racers) {
      const [name, kind] = kindAt(kinds, kindIndex);
      const lane: Lane = { counter: board.counter, guard: board.guards[name], log: readLog };
      if (action === ACTION.race) race(board, self, racers, kind, lane, iterations);
      else playHandOff(board, self, kind, lane, play);
    }
    // Also who only watched: main must not write the next order while one still reads this.
    board.done.release();
  }
}

function kindAt(kinds: LockKinds, index: number | undefined): [string, LockKind] {
  const entry = Object.entries(kinds)[index ?? -1];
  if (entry === undefined) throw new IpcError('ERR_IPC_INTERNAL', `there is no kind of lock number ${index}`);
  return entry;
}

function race(board: Board, self: number, racers: number, kind: LockKind, lane: Lane, iterations: number): void {
  lane.log.begin();
  awaitStart(board, racers);
  const started = monotonicMs();
  kind.increment(lane, iterations);
  const ended = monotonicMs();
  lane.log.end(iterations);
  board.times.set(2 * self, started);
  board.times.set(2 * self + 1, ended);
}

/**
 * The start line: nobody leaves before all have come. Who spins leaves within nanoseconds of the last; where there are more racers than
 * processors that would only keep the others from coming, so after a short while one sleeps.
 */
function awaitStart({ ready, start }: Board, racers: number): void {
  if (ready.add(1) + 1 === racers) return start.set();
  for (let turn = 0; turn < SPIN_TURNS; turn++) if (start.isSet) return;
  start.wait();
}
