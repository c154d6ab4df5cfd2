import type { AnyDrill } from './drill.ts';
import { barrierDrill } from './drills/barrier.ts';
import { conditionDrill } from './drills/condition.ts';
import { dictDrill } from './drills/dict.ts';
import { eventDrill } from './drills/event.ts';
import { lockDrill, silentLockDrill } from './drills/locks.ts';
import { osPipeDrill, pipeDrill, queueDrill } from './drills/messages.ts';
import { rwLockDrill } from './drills/rw-lock.ts';
import { semaphoreDrill } from './drills/semaphores.ts';
import { atomicsDrill, listDrill, sharedArrayDrill, sharedValueDrill, structDrill } from './drills/values.ts';

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
  LifoQueue: queueDrill('LifoQueue'),
  PriorityQueue: queueDrill('PriorityQueue'),
  Pipe: pipeDrill,
  OsPipe: osPipeDrill,
  SharedValue: sharedValueDrill,
  SharedArray: sharedArrayDrill,
  Struct: structDrill,
  ShareableList: listDrill,
  Atomics: atomicsDrill,
  Dict: dictDrill,
};
