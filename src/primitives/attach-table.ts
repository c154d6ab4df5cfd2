import type { LabMemory } from '../memory/lab-memory.ts';
import type { Forget } from '../memory/objects.ts';
import { BoundedSemaphore } from './bounded-semaphore.ts';
import { Barrier } from './barrier.ts';
import { Condition } from './condition.ts';
import { Event } from './event.ts';
import { Connection } from './connection.ts';
import { DirectoryLock } from './directory-lock.ts';
import { FileLock } from './file-lock.ts';
import { JoinableQueue } from './joinable-queue.ts';
import { Lock } from './lock.ts';
import { MappedFile } from './mapped-file.ts';
import { KIND } from './primitive.ts';
import { Queue } from './queue.ts';
import { RawArray } from './raw-array.ts';
import { RawValue } from './raw-value.ts';
import { RLock } from './rlock.ts';
import { ShareableList } from './shareable-list.ts';
import { RwLock } from './rw-lock.ts';
import { Semaphore } from './semaphore.ts';
import { SharedArray } from './shared-array.ts';
import { SharedMemory } from './shared-memory.ts';
import { SharedValue } from './shared-value.ts';
import { SpinLock } from './spin-lock.ts';
import { StructHandle } from './struct.ts';
import { TicketLock } from './ticket-lock.ts';
import { LifoQueue } from './lifo-queue.ts';
import { PriorityQueue } from './priority-queue.ts';
import { SimpleQueue } from './simple-queue.ts';
import { Unowned } from './unowned.ts';

/** Tells a process's object table how to attach each kind of primitive. */
export function registerPrimitives(memory: LabMemory): void {
  const { objects } = memory;
  const unowned: Forget = (offset, id) => Unowned.forget(memory, offset, id);
  const queue: Forget = (offset, id) => Queue.forget(memory, offset, id);
  objects.register(KIND.lock, (offset) => new Lock(memory, offset));
  objects.register(KIND.rLock, (offset) => new RLock(memory, offset));
  objects.register(KIND.semaphore, (offset) => new Semaphore(memory, offset), unowned);
  objects.register(KIND.boundedSemaphore, (offset) => new BoundedSemaphore(memory, offset), unowned);
  objects.register(KIND.condition, (offset) => Condition.attach(memory, offset), unowned);
  objects.register(KIND.barrier, (offset) => new Barrier(memory, offset), unowned);
  objects.register(KIND.rwLock, (offset) => new RwLock(memory, offset), unowned);
  objects.register(KIND.event, (offset) => new Event(memory, offset), unowned);
  objects.register(KIND.spinLock, (offset) => new SpinLock(memory, offset));
  objects.register(KIND.ticketLock, (offset) => new TicketLock(memory, offset));
  objects.register(KIND.directoryLock, (offset) => new DirectoryLock(memory, offset));
  objects.register(KIND.fileLock, (offset) => FileLock.attach(memory, offset));
  objects.register(KIND.rawValue, (offset) => RawValue.attach(memory, offset));
  objects.register(KIND.rawArray, (offset) => RawArray.attach(memory, offset));
  objects.register(KIND.queue, (offset) => Queue.attach(memory, offset), queue);
  objects.register(KIND.sharedValue, (offset) => SharedValue.attach(memory, offset));
  objects.register(KIND.sharedArray, (offset) => SharedArray.attach(memory, offset));
  objects.register(KIND.struct, (offset) => StructHandle.attach(memory, offset));
  objects.register(KIND.sharedMemory, (offset) => SharedMemory.attach(memory, offset));
  objects.register(KIND.shareableList, (offset) => ShareableList.attach(memory, offset));
  objects.register(KIND.joinableQueue, (offset) => JoinableQueue.attach(memory, offset), queue);
  objects.register(KIND.simpleQueue, (offset) => SimpleQueue.attach(memory, offset), queue);
  objects.register(KIND.lifoQueue, (offset) => LifoQueue.attach(memory, offset), unowned);
  objects.register(KIND.priorityQueue, (offset) => PriorityQueue.attach(memory, offset), unowned);
  objects.register(
    KIND.connection,
    (offset) => Connection.attach(memory, offset),
    (offset, id) => Connection.forget(memory, offset, id),
  );
  objects.register(KIND.mappedFile, (offset) => MappedFile.attach(memory, offset));
}
