/**
 * Semaphores: never are more inside than there are permits. A permit that a killed worker had is lost, as nobody owns permits; the onlooker,
 * who knows of the death, gives it back.
 */
import type { RawArray, Semaphore } from 'ipc-lab';
import { type AnyDrill, type Came, drill, linger, MARK, mustHold, type Self } from '../drill.ts';

const PERMITS = 2;
/** Longer than any worker needs between two of its steps, and well within what recovery may take. */
const STUCK_MS = 500;

interface Permitted {
  readonly semaphore: Semaphore;
}

export function semaphoreDrill(bounded: boolean): AnyDrill {
  return drill<Permitted>({
    roles: { holder: 5 },
    make: (lab) => ({ semaphore: bounded ? lab.boundedSemaphore(PERMITS) : lab.semaphore(PERMITS) }),
    async act({ semaphore }, self): Promise<Came> {
      self.mark(MARK.enters);
      if (!(await acquireInSomeWay(semaphore, self))) return 'nowhere';
      self.mark(MARK.inside);
      const inside = countTogether(self);
      mustHold(inside <= PERMITS, () => `${inside} are inside, with ${PERMITS} permits`);
      linger(self.random);
      self.mark(MARK.leaves);
      semaphore.release();
      linger(self.random);
      return 'through';
    },
    onlooker({ semaphore }, { marks }) {
      /** Deaths of which nobody can say whether a permit went with them. */
      let uncertain = 0;
      return {
        died(index, mark) {
          marks.set(index, MARK.outside);
          if (mark === MARK.inside) semaphore.release();
          else if (mark !== MARK.outside) uncertain++;
        },
        tend(idleMs) {
          if (uncertain === 0 || idleMs < STUCK_MS || semaphore.value > 0 || countInside(marks) > 0) return;
          uncertain--;
          semaphore.release();
        },
        examine() {
          const missing = PERMITS - semaphore.value;
          mustHold(
            missing >= 0 && missing <= uncertain,
            () => `${missing} permits are missing, at most ${uncertain} may`,
          );
        },
      };
    },
  });
}

function countInside(marks: RawArray<'i'>): number {
  return [...marks].filter((mark) => mark === MARK.inside).length;
}

/** How many are inside at one instant: who is there in two looks, and has not got through in between, was there all the time. */
function countTogether({ board: { marks, progress } }: Self): number {
  const [before, through] = [[...marks], [...progress]];
  return [...marks].filter(
    (mark, i) => mark === MARK.inside && before[i] === MARK.inside && progress.get(i) === through[i],
  ).length;
}

async function acquireInSomeWay(semaphore: Semaphore, { random }: Self): Promise<boolean> {
  const way = random.below(10);
  if (way < 6) return semaphore.acquire();
  if (way < 8) return semaphore.acquire(random.below(20));
  return semaphore.acquireAsync(way === 8 ? {} : { timeoutMs: random.below(20) });
}
