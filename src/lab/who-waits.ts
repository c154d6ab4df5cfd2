/** Says who waits for whom, from the table that every waiting process fills in: what a run that makes no progress has to tell. */
import type { LabMemory } from '../memory/lab-memory.ts';
import { SLOT_STATE } from '../memory/slot-layout.ts';
import { bodyCell, KIND } from '../primitives/primitive.ts';
import { TicketLock } from '../primitives/ticket-lock.ts';

const KIND_NAMES: Readonly<Record<number, string>> = {
  [KIND.lock]: 'Lock',
  [KIND.rLock]: 'RLock',
  [KIND.spinLock]: 'SpinLock',
  [KIND.ticketLock]: 'TicketLock',
  [KIND.fileLock]: 'FileLock',
  [KIND.directoryLock]: 'DirectoryLock',
  [KIND.queue]: 'Queue',
  [KIND.rawValue]: 'RawValue',
  [KIND.semaphore]: 'Semaphore',
  [KIND.boundedSemaphore]: 'BoundedSemaphore',
  [KIND.condition]: 'Condition',
  [KIND.event]: 'Event',
  [KIND.barrier]: 'Barrier',
  [KIND.rwLock]: 'RwLock',
  [KIND.connection]: 'Connection',
  [KIND.osPipe]: 'OsPipe',
  [KIND.joinableQueue]: 'JoinableQueue',
  [KIND.simpleQueue]: 'SimpleQueue',
  [KIND.lifoQueue]: 'LifoQueue',
  [KIND.priorityQueue]: 'PriorityQueue',
};

/** Those that somebody holds. */
const OWNED: ReadonlySet<number> = new Set([KIND.lock, KIND.rLock, KIND.spinLock, KIND.ticketLock]);

export interface WaitingReport {
  /** One line per process, and one more when some of them wait in a circle. */
  readonly lines: readonly string[];
  readonly deadlock: boolean;
}

/** Describes what every living process of the lab but this one does at this moment. */
export function whoWaits(memory: LabMemory): WaitingReport {
  const { slots } = memory;
  const ids = [...slots.ids()].filter((id) => id !== memory.self && slots.state(id) !== SLOT_STATE.ended);
  const lines = ids.map(
    (id) =>
      `${slots.name(id)} (${slots.host(id) === 0 ? '' : 'a thread of '}pid ${slots.pid(id)}) ${whatItDoes(memory, id)}`,
  );
  const circle = findCircle(memory, ids);
  if (circle === undefined) return { lines, deadlock: false };
  const [first = '', ...others] = circle.map((id) => slots.name(id));
  lines.push(`deadlock: ${[first, ...others, others.length === 0 ? 'itself' : first].join(' waits for ')}`);
  return { lines, deadlock: true };
}

function whatItDoes(memory: LabMemory, id: number): string {
  const { slots, objects } = memory;
  const waiting = slots.waiting(id);
  if (waiting === undefined)
    return slots.state(id) < SLOT_STATE.running ? 'is starting' : 'is running and waits for nothing of the lab';
  const { verb, target, sinceMs } = waiting;
  const since = `has waited for ${((memory.nowMs() - sinceMs) / 1000).toFixed(1)} s to`;
  if (verb === 'join' || verb === 'start') return `${since} ${verb} ${slots.name(target)}`;
  if (target === 0) return `${since} see one of several things become ready`;
  const kind = KIND_NAMES[objects.kind(target)] ?? 'object';
  const name = objects.name(target);
  const label = name === undefined ? `${kind} ${objects.ordinal(target)}` : `${kind} ${JSON.stringify(name)}`;
  if (verb === 'put') return `${since} put into ${label}`;
  if (verb === 'get') return `${since} get from ${label}`;
  if (verb === 'send') return `${since} send through ${label}`;
  if (verb === 'receive') return `${since} receive from ${label}`;
  if (verb === 'wait') return `has waited for ${((memory.nowMs() - sinceMs) / 1000).toFixed(1)} s for ${label}`;
  if (!OWNED.has(objects.kind(target))) return `${since} ${verb} ${label}`;
  const owner = ownerOf(memory, target);
  return `${since} ${verb} ${label}, held by ${owner === 0 ? 'nobody' : slots.name(owner)}`;
}

/** Slot id of the process that holds a lock; 0 for none, and for what nobody owns. */
function ownerOf(memory: LabMemory, lock: number): number {
  if (memory.objects.kind(lock) === KIND.ticketLock) return TicketLock.ownerAt(memory, lock);
  return OWNED.has(memory.objects.kind(lock)) ? memory.cells.load(bodyCell(lock)) >>> 1 : 0;
}

/** The process without which this one cannot go on; 0 when that may be any of several. */
function blocks(memory: LabMemory, id: number): number {
  const waiting = memory.slots.waiting(id);
  if (waiting === undefined) return 0;
  const { verb, target } = waiting;
  if (verb === 'join' || verb === 'start') return target;
  return target === 0 ? 0 : ownerOf(memory, target);
}

function findCircle(memory: LabMemory, ids: readonly number[]): number[] | undefined {
  for (const start of ids) {
    const path = [start];
    for (let next = blocks(memory, start); next !== 0 && path.length <= ids.length; next = blocks(memory, next)) {
      if (next === start) return path;
      path.push(next);
    }
  }
  return undefined;
}
