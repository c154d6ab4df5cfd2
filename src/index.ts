export { type ErrorCode, IpcError, isIpcError } from './core/errors.ts';
export type { Audit, Lab, SharedRecord, Target } from './lab/lab.ts';
export type { ThreadLocal } from './lab/thread-local.ts';
export type { Dict, DictEntries } from './manager/dict.ts';
export type { Manager } from './manager/manager.ts';
export type { Waitable } from './memory/waitable.ts';
export type { AsyncWaitOptions } from './memory/waiting.ts';
export type { Barrier } from './primitives/barrier.ts';
export type { BarrierOptions, BarrierWaitOptions } from './primitives/barrier-options.ts';
export type { BoundedSemaphore } from './primitives/bounded-semaphore.ts';
export type { Condition } from './primitives/condition.ts';
export type { Connection, PipeOptions } from './primitives/connection.ts';
export type { Event } from './primitives/event.ts';
export type { DirectoryLock } from './primitives/directory-lock.ts';
export type { FileLock } from './primitives/file-lock.ts';
export type { Holdable } from './primitives/holdable.ts';
export type { JoinableQueue } from './primitives/joinable-queue.ts';
export type { LifoQueue } from './primitives/lifo-queue.ts';
export type { Lock } from './primitives/lock.ts';
export type { MappedFile, MappedFileOptions } from './primitives/mapped-file.ts';
export type { ConditionOptions } from './primitives/monitor.ts';
export type { BufferTooShort } from './primitives/pipe-bytes.ts';
export type { OrderedQueueOptions } from './primitives/ordered-store.ts';
export type { OsPipe } from './primitives/os-pipe.ts';
export type { Primitive, PrimitiveOptions } from './primitives/primitive.ts';
export type { PriorityQueue } from './primitives/priority-queue.ts';
export type { Queue, QueueOptions } from './primitives/queue.ts';
export type { QueueLike } from './primitives/queue-like.ts';
export type { RawArray } from './primitives/raw-array.ts';
export type { RawValue } from './primitives/raw-value.ts';
export type { RLock } from './primitives/rlock.ts';
export type { RwLock } from './primitives/rw-lock.ts';
export type { Semaphore } from './primitives/semaphore.ts';
export type { ShareableList } from './primitives/shareable-list.ts';
export type { Shareable } from './primitives/shareable.ts';
export type { SharedArray } from './primitives/shared-array.ts';
export type { SharedMemory, SharedMemoryOptions } from './primitives/shared-memory.ts';
export type { SharedValue } from './primitives/shared-value.ts';
export type { SimpleQueue } from './primitives/simple-queue.ts';
export type { SpinLock } from './primitives/spin-lock.ts';
export type { FieldsOf, StructSpec } from './primitives/struct-layout.ts';
export type { Struct, StructHandle, StructOptions } from './primitives/struct.ts';
export type { TicketLock } from './primitives/ticket-lock.ts';
export type {
  BigIntCode,
  ElementOf,
  IntegerCode,
  IntegerOf,
  NumberCode,
  TypeCode,
  ViewOf,
} from './primitives/type-code.ts';
export type { FunctionReference } from './process/function-reference.ts';
export type { Process } from './process/process.ts';
export type { Itself, ParentProcess } from './process/relatives.ts';
export type { Thread } from './process/thread.ts';
export type { Grade } from './report/grade.ts';
export {
  type Actor,
  type ActorContext,
  type ParameterSpec,
  type ParameterSpecs,
  type ParametersOf,
  type Program,
  program,
  type Scenario,
  scenario,
} from './scenario/define.ts';
