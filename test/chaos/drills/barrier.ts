/** A barrier for fewer than there are workers, so that those who are left can go on. The onlooker makes a broken one whole. */
import { type Barrier, isIpcError, type RawArray } from 'ipc-lab';
import { type AnyDrill, type Came, drill, linger, MARK, mustHold } from '../drill.ts';

const PARTIES = 3;

interface Meeting {
  readonly barrier: Barrier;
  /** How many of a round there are between the barrier's opening and the action's end: the action alone may change it. */
  readonly acting: RawArray<'i'>;
}

export const barrierDrill: AnyDrill = drill<Meeting>({
  roles: { party: 5 },
  make: (lab) => ({ barrier: lab.barrier(PARTIES), acting: lab.rawArray('i', 1) }),
  async act({ barrier, acting }, { random, mark, index, board }): Promise<Came> {
    const action = (): void => {
      mark(MARK.inside);
      const other = acting.get(0);
      mustHold(
        other === 0 || board.doomed.get(other - 1) === 1,
        () => `two rounds end at once: ${index} and ${other - 1}`,
      );
      acting.set(0, index + 1);
      linger(random);
      acting.set(0, 0);
    };
    mark(MARK.enters);
    try {
      const place = random.below(4) === 0 ? await barrier.waitAsync({ action }) : barrier.wait({ action });
      mustHold(place >= 0 && place < PARTIES, () => `came as number ${place} of ${PARTIES}`);
    } catch (error) {
      if (!isIpcError(error, 'ERR_IPC_BROKEN_BARRIER')) throw error;
      mark(MARK.outside);
      linger(random);
      return 'nowhere';
    }
    mark(MARK.outside);
    linger(random);
    return 'through';
  },
  onlooker: ({ barrier }) => ({
    tend() {
      if (barrier.broken) barrier.reset();
    },
    end: () => barrier.abort(),
    examine() {
      barrier.reset();
      mustHold(
        !barrier.broken && barrier.waiters === 0,
        () => `${barrier.waiters} wait at a barrier that all have left`,
      );
    },
  }),
});
