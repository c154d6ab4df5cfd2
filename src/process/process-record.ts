/** What the supervisor remembers of a process or thread. */
import type { LabMemory } from '../memory/lab-memory.ts';

/** A process or thread as the supervisor remembers it. Times are milliseconds since the lab's epoch; 0 when not reached. */
export interface ProcessRecord {
  readonly id: number;
  readonly name: string;
  readonly pid: number;
  /** It is a thread of the process with that pid. */
  readonly thread: boolean;
  readonly parent: number;
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  readonly requestedAt: number;
  readyAt: number;
  doneAt: number;
  endedAt: number;
  /** Whether the supervisor ended it, because the run was over or was being ended. */
  endedBySupervisor: boolean;
  /** What the process left as the reason of its failure, as the codec gives it. */
  error: unknown;
}

/** The record of what has just been started, or been seen for the first time. */
export function recordOf({ slots }: LabMemory, id: number, pid: number): ProcessRecord {
  return {
    id,
    name: slots.name(id),
    pid,
    thread: slots.host(id) !== 0,
    parent: slots.parent(id),
    exitCode: null,
    signal: null,
    requestedAt: slots.time(id, 'requestedAt'),
    readyAt: 0,
    doneAt: 0,
    endedAt: 0,
    endedBySupervisor: false,
    error: undefined,
  };
}

/** Completes a record from the slot of what has ended, and gives back what it never took. */
export function takeLastWords(memory: LabMemory, record: ProcessRecord): void {
  const { slots } = memory;
  const { id } = record;
  record.readyAt = slots.time(id, 'readyAt');
  record.doneAt = slots.time(id, 'doneAt');
  record.endedAt = memory.nowMs();
  const error = slots.error(id);
  if (error !== 0) record.error = memory.take(error);
  discardTask(memory, id);
}

/** Gives back a task that nobody took: the references in it would seem to be under way for ever. */
export function discardTask(memory: LabMemory, id: number): void {
  const { slots } = memory;
  const task = slots.args(id);
  if (task === 0) return;
  slots.setArgs(id, 0);
  memory.discard(task);
}
