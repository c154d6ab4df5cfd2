import { IpcError } from '../core/errors.ts';
import { monotonicMs } from '../memory/clock.ts';
import type { RawArray } from '../primitives/raw-array.ts';
import { SharedCell } from '../primitives/shared-cell.ts';
import { ACTION, type Board } from './board.ts';
import { playHandOff } from './hand-off.ts';
import type { Lane, LockKind, LockKinds } from './lock-kinds.ts';
import { ReadLog } from './read-log.ts';

/** What a racing process does: waits for orders and carries them out until it is sent home. Blocks. See board.ts. */
export function obeyOrders(kinds: LockKinds, board: Board, log: RawArray<'i'>, self: number): void {
  const round = new SharedCell(board.round);
  const finished = new SharedCell(board.finished);
  const readLog = new ReadLog(log.view());
  for (let done = 0; ; ) {
    done = round.wait((value) => value !== done);
    const [action, kindIndex, racers = 0, iterations = 0, play = 0] = board.order; // as in ORDER
    if (action === ACTION.goHome) return;
    if (self < racers) {
      const [name, kind] = kindAt(kinds, kindIndex);
      const lane: Lane = { counter: board.counter, guard: board.guards[name], log: readLog };
      if (action === ACTION.race) race(board, self, racers, kind, lane, iterations);
      else playHandOff(board, self, kind, lane, play);
    }
    // Also who only watched: main must not write the next order while one still reads this.
    if (finished.add(1) + 1 === board.times.length / 2) finished.wake();
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
function awaitStart(board: Board, racers: number): void {
  const ready = new SharedCell(board.ready);
  const asleep = new SharedCell(board.asleep);
  const all = (count: number): boolean => count === racers;
  const last = ready.add(1) + 1 === racers;
  if (!last && ready.spin(all)) return;
  if (last) {
    if (asleep.load() > 0) ready.wake();
    return;
  }
  asleep.add(1);
  ready.wait(all);
}
