import type { LabMemory } from '../memory/lab-memory.ts';
import type { Kind } from '../memory/shared-object.ts';
import { BoundedSemaphore } from './bounded-semaphore.ts';
import { Barrier } from './barrier.ts';
import { Condition } from './condition.ts';
import { Event } from './event.ts';
import { Connection } from './connection.ts';
import { DirectoryLock } from './directory-lock.ts';
import { FileLock } from './file-lock.ts';
import { JoinableQueue } from './joinable-queue.ts';
import { Lock } from './lock.ts';
import { OsPipe } from './os-pipe.ts';
import { freeOsPipeLink } from './os-pipe-link.ts';
import { MappedFile } from './mapped-file.ts';
import { Guarded } from './guarded.ts';
import { OrderedStore } from './ordered-store.ts';
import { isHeldBy } from './message.ts';
import { freeLink } from './pipe-link.ts';
import { bodyCell, KIND } from './primitive.ts';
import { Queue } from './queue.ts';
import { RawArray } from './raw-array.ts';
import { RawValue } from './raw-value.ts';
import { RLock } from './rlock.ts';
import { ShareableList } from './shareable-list.ts';
import { RwLock } from './rw-lock.ts';
import { Semaphore } from './semaphore.ts';
import { SharedArray } from './shared-array.ts';
import { SharedMemory } from './shared-memory.ts';
import { freeParts, SharedValue } from './shared-value.ts';
import { SpinLock } from './spin-lock.ts';
import { StructHandle } from './struct.ts';
import { TicketLock } from './ticket-lock.ts';
import { LifoQueue } from './lifo-queue.ts';
import { PriorityQueue } from './priority-queue.ts';
import { SimpleQueue } from './simple-queue.ts';
import { Unowned } from './unowned.ts';

/** Tells a process's object table how to deal with each kind of primitive. */
export function registerPrimitives(memory: LabMemory): void {
  registerLocks(memory);
  registerUnowned(memory);
  registerMessaging(memory);
  registerMemory(memory);
  memory.parcels.isHeldBy = (queue, parcel) => isHeldBy(memory, queue, parcel);
}

function registerLocks(memory: LabMemory): void {
  const { objects } = memory;
  objects.register(KIND.lock, { attach: (offset) => new Lock(memory, offset) });
  objects.register(KIND.rLock, { attach: (offset) => new RLock(memory, offset) });
  objects.register(KIND.spinLock, { attach: (offset) => new SpinLock(memory, offset) });
  objects.register(KIND.ticketLock, { attach: (offset) => new TicketLock(memory, offset) });
  objects.register(KIND.directoryLock, {
    attach: (offset) => new DirectoryLock(memory, offset),
    free: (offset) => DirectoryLock.free(memory, offset),
  });
  objects.register(KIND.fileLock, {
    attach: (offset) => FileLock.attach(memory, offset),
    free: (offset) => objects.freePart(bodyCell(offset) + 1),
  });
}

function registerUnowned(memory: LabMemory): void {
  const { objects } = memory;
  const forget: Kind['forget'] = (offset, id) => Unowned.forget(memory, offset, id);
  const guarded = { forget, free: (offset: number) => Guarded.free(memory, offset) };
  objects.register(KIND.semaphore, { attach: (offset) => new Semaphore(memory, offset), forget });
  objects.register(KIND.boundedSemaphore, { attach: (offset) => new BoundedSemaphore(memory, offset), forget });
  objects.register(KIND.event, { attach: (offset) => new Event(memory, offset), forget });
  objects.register(KIND.condition, {
    attach: (offset) => Condition.attach(memory, offset),
    forget,
    free: (offset) => Condition.free(memory, offset),
  });
  objects.register(KIND.barrier, { attach: (offset) => new Barrier(memory, offset), ...guarded });
  objects.register(KIND.rwLock, { attach: (offset) => new RwLock(memory, offset), ...guarded });
}

function registerMessaging(memory: LabMemory): void {
  const { objects } = memory;
  const queue: Kind = {
    forget: (offset, id) => Queue.forget(memory, offset, id),
    free: (offset) => Queue.free(memory, offset),
  };
  const ordered: Kind = {
    forget: (offset, id) => Unowned.forget(memory, offset, id),
    free: (offset) => OrderedStore.free(memory, offset),
  };
  objects.register(KIND.queue, { attach: (offset) => Queue.attach(memory, offset), ...queue });
  objects.register(KIND.joinableQueue, { attach: (offset) => JoinableQueue.attach(memory, offset), ...queue });
  objects.register(KIND.simpleQueue, { attach: (offset) => SimpleQueue.attach(memory, offset), ...queue });
  objects.register(KIND.lifoQueue, { attach: (offset) => LifoQueue.attach(memory, offset), ...ordered });
  objects.register(KIND.priorityQueue, { attach: (offset) => PriorityQueue.attach(memory, offset), ...ordered });
  objects.register(KIND.connection, {
    attach: (offset) => Connection.attach(memory, offset),
    forget: (offset, id) => Connection.forget(memory, offset, id),
    free: (offset) => Connection.free(memory, offset),
  });
  objects.register(KIND.pipeLink, { free: (offset) => freeLink(memory, offset) });
  objects.register(KIND.osPipe, {
    attach: (offset) => OsPipe.attach(memory, offset),
    forget: (offset, id) => OsPipe.forget(memory, offset, id),
    free: (offset) => OsPipe.free(memory, offset),
  });
  objects.register(KIND.osPipeLink, { free: (offset) => freeOsPipeLink(memory, offset) });
}

function registerMemory(memory: LabMemory): void {
  const { objects } = memory;
  const parts = { free: (offset: number) => freeParts(memory, offset) };
  objects.register(KIND.rawValue, { attach: (offset) => RawValue.attach(memory, offset) });
  objects.register(KIND.rawArray, { attach: (offset) => RawArray.attach(memory, offset) });
  objects.register(KIND.sharedValue, { attach: (offset) => SharedValue.attach(memory, offset), ...parts });
  objects.register(KIND.sharedArray, { attach: (offset) => SharedArray.attach(memory, offset), ...parts });
  objects.register(KIND.struct, {
    attach: (offset) => StructHandle.attach(memory, offset),
    free: (offset) => StructHandle.free(memory, offset),
  });
  objects.register(KIND.shareableList, { attach: (offset) => ShareableList.attach(memory, offset) });
  objects.register(KIND.sharedMemory, {
    attach: (offset) => SharedMemory.attach(memory, offset),
    free: (offset) => objects.freePart(bodyCell(offset)),
  });
  objects.register(KIND.mappedFile, {
    attach: (offset) => MappedFile.attach(memory, offset),
    free: (offset) => objects.freePart(bodyCell(offset) + 1),
  });
  // These have handles only where there is more to know than their memory.
  objects.register(KIND.dict, { free: (offset) => objects.unrefer(bodyCell(offset)) });
  objects.register(KIND.threadLocal, { free: (offset) => objects.freePart(bodyCell(offset)) });
}
