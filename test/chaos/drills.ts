import type { AnyDrill } from './drill.ts';
import { barrierDrill } from './drills/barrier.ts';
import { conditionDrill } from './drills/condition.ts';
import { dictDrill } from './drills/dict.ts';
import { eventDrill } from './drills/event.ts';
import { lockDrill, sharedValueDrill, silentLockDrill } from './drills/locks.ts';
import { pipeDrill, queueDrill } from './drills/messages.ts';
import { rwLockDrill } from './drills/rw-lock.ts';
import { semaphoreDrill } from './drills/semaphores.ts';

/** What each primitive is put through. */
export const DRILLS: Readonly<Record<string, AnyDrill>> = {
  Lock: lockDrill('Lock'),
  RLock: lockDrill('RLock'),
  SpinLock: lockDrill('SpinLock'),
  TicketLock: lockDrill('TicketLock'),
  FileLock: silentLockDrill('FileLock'),
  DirectoryLock: silentLockDrill('DirectoryLock'),
  Semaphore: semaphoreDrill(false),
  BoundedSemaphore: semaphoreDrill(true),
  Event: eventDrill,
  Condition: conditionDrill,
  Barrier: barrierDrill,
  RwLock: rwLockDrill,
  Queue: queueDrill('Queue'),
  JoinableQueue: queueDrill('JoinableQueue'),
  SimpleQueue: queueDrill('SimpleQueue'),
  Pipe: pipeDrill,
  SharedValue: sharedValueDrill,
  Dict: dictDrill,
};
