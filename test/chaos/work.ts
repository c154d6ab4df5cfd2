import type { Lab } from 'ipc-lab';
import { Random } from '#src/core/random.js';
import { type AnyDrill, type Board, MARK, type Self } from './drill.ts';
import { DRILLS } from './drills.ts';

/** What a worker is given. */
export type WorkArguments = [
  primitive: string,
  shared: object,
  board: Board,
  role: string,
  index: number,
  seed: number,
];

/** A process that does nothing itself: it has a thread that works. */
export function workInside(lab: Lab, ...args: WorkArguments): void {
  lab.startThread(work, ...args).join();
}

/** Uses a primitive again and again, until all are to end. */
export async function work(...[primitive, shared, board, role, index, seed]: WorkArguments): Promise<void> {
  const drill = DRILLS[primitive] as AnyDrill;
  const { progress, marks, ending } = board;
  const mark = (state: number): void => marks.set(index, state);
  const self: Self = { role, index, random: new Random(seed + index), board, mark };
  const goesOn = (): boolean => drill.endless?.includes(role) === true || ending.get(0) === 0;
  while (goesOn()) {
    const came = await drill.act(shared, self);
    mark(MARK.outside);
    if (came === 'to the end') return;
    if (came === 'through') progress.set(index, progress.get(index) + 1);
  }
}
