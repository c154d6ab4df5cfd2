/** The module that all processes of a race load: its scenario for the main process, the function that racers run for the others. */
import type { RawArray } from '../primitives/raw-array.ts';
import type { Board } from './board.ts';
import { LOCK_KINDS } from './lock-kinds.ts';
import { obeyOrders } from './racer.ts';
import { raceScenario } from './scenario.ts';

/** Runs in a child process. */
export function racer(board: Board, log: RawArray<'i'>, self: number): void {
  obeyOrders(LOCK_KINDS, board, log, self);
}

export default raceScenario(LOCK_KINDS, racer);
