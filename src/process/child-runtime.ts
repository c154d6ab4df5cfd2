/**
 * The first and last moments of every process of a lab but the supervisor, and of every thread: map the memory, tie one's life to the
 * supervisor's, do what the slot says, and leave the reason behind when that fails.
 */
import { writeSync } from 'node:fs';
import { LabMemory } from '../memory/lab-memory.ts';
import { SLOT_STATE } from '../memory/slot-layout.ts';
import { currentPlatform } from '../platform/current.ts';
import type { ThreadStart } from './thread.ts';
import { DOORBELL_DESCRIPTOR, MEMORY_DESCRIPTOR } from './descriptors.ts';
import { writeOutputSynchronously, writeThreadOutputSynchronously, writeWhole } from './output.ts';

/** An error as it crosses from the process in which it was thrown to the supervisor. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly code?: string;
  readonly hint?: string;
}

/** Our own frames come first in the stack of an error that we throw; those that matter to the user must fit in behind them. */
const STACK_FRAMES = 50;

/** What Node itself exits with when a promise that its main module waits for is never settled. */
const EXIT_UNSETTLED = 13;

/** Maps the lab's memory in a process that the supervisor has just spawned. */
export function enterLab(): LabMemory {
  const platform = currentPlatform();
  const memory = LabMemory.attach(platform, MEMORY_DESCRIPTOR, Number(process.argv[2]));
  if (!platform.dieWithParent(memory.supervisorPid)) process.kill(process.pid, 'SIGKILL');
  writeOutputSynchronously();
  keepMoreFrames();
  memory.slots.advance(memory.self, SLOT_STATE.running);
  return memory;
}

/** Looks at the lab's memory from a thread of a process that has mapped it. Its last act, whatever ends it, will be to say that it has ended. */
export function enterLabAsThread({ slot, memory: handle }: ThreadStart): LabMemory {
  const platform = currentPlatform();
  const memory = LabMemory.view(platform, MEMORY_DESCRIPTOR, handle, slot);
  writeThreadOutputSynchronously();
  keepMoreFrames();
  // oxlint-disable-next-line unicorn/no-process-exit
  if (!memory.threads.runs(slot)) process.exit();
  const emit = process.emit.bind(process) as (event: string, ...args: unknown[]) => boolean;
  // Behind all handlers of 'exit', also those that are yet to be added: what they do is still the thread's doing.
  process.emit = ((event: string, ...args: unknown[]): boolean => {
    try {
      return emit(event, ...args);
    } finally {
      if (event === 'exit') endThread(memory, Number(process.exitCode ?? args[0]));
    }
  }) as typeof process.emit;
  // oxlint-disable-next-line unicorn/no-process-exit
  if (memory.threads.isAsked(slot)) process.exit();
  platform.guardBinding((work) => shielded(memory, work));
  return memory;
}

/** Runs something in the middle of which this thread must not be stopped; until its module is loaded it is not anyhow. A process is never. */
export function shielded<T>({ threads, self }: LabMemory, work: () => T): T {
  if (!threads.shield(self)) {
    if (threads.isBeingStopped(self)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    return work();
  }
  try {
    return work();
  } finally {
    if (!threads.unshield(self)) endUnheard();
  }
}

/** This thread ends as if it were stopped: nothing of the user's runs any more. */
function endUnheard(): never {
  process.removeAllListeners('exit');
  // oxlint-disable-next-line unicorn/no-process-exit
  process.exit();
}

function endThread(memory: LabMemory, exitCode: number): void {
  memory.objects.closeAll();
  memory.threads.ends(memory.self, exitCode);
  memory.announceEnd(memory.self);
  ringSupervisor();
}

function keepMoreFrames(): void {
  Error.stackTraceLimit = Math.max(Error.stackTraceLimit, STACK_FRAMES);
}

/** What this process is to do; whatever shared objects it was given are attached from here on. */
export function takeTask(memory: LabMemory): unknown {
  const { slots, self } = memory;
  const blob = slots.args(self);
  const task = memory.read(blob);
  // Until here whatever is in it is the supervisor's to give back, should this process be killed.
  slots.setArgs(self, 0);
  memory.discard(blob);
  return task;
}

/** Makes the supervisor look at the slot table. */
export function ringSupervisor(): void {
  writeSync(DOORBELL_DESCRIPTOR, 'R');
}

/**
 * Does the work of this process. If it fails, now or in a callback later, the error is left in the slot and the process exits with 1. The
 * process ends as every Node program does: when there is nothing left to do. If the work returned a promise that is not settled by then, it
 * never will be: that is an error too, and the exit code Node's own for it, 13.
 */
export async function perform(memory: LabMemory, work: () => unknown): Promise<void> {
  const fail = (error: unknown): void => {
    leaveError(memory, error);
    // Other callbacks must not go on with a state that an exception has left half done.
    // oxlint-disable-next-line unicorn/no-process-exit
    process.exit(1);
  };
  process.on('uncaughtException', fail);
  let finished = false;
  // Not at 'exit', which also comes when the work itself calls process.exit().
  process.once('beforeExit', () => {
    if (finished) return;
    const error = new Error('nothing is left that could settle the promise it returned');
    // Where we noticed it says nothing about where it was made.
    error.stack = '';
    leaveError(memory, error);
    // oxlint-disable-next-line unicorn/no-process-exit
    process.exit(EXIT_UNSETTLED);
  });
  try {
    await work();
    finished = true;
    memory.slots.setTime(memory.self, 'doneAt', memory.nowMs());
  } catch (error) {
    fail(error);
  }
}

function leaveError(memory: LabMemory, error: unknown): void {
  const record = errorRecord(error);
  try {
    memory.slots.setError(memory.self, memory.put(record, 'an error'));
  } catch {
    // No room in shared memory for it: then at least it is on the screen.
    writeWhole(2, Buffer.from(`${record.stack}\n`));
  }
}

/** What can be said of anything that was thrown. */
export function errorRecord(error: unknown): ErrorRecord {
  if (!(error instanceof Error))
    return { name: 'Error', message: `threw ${String(error)}, which is no Error`, stack: '' };
  const { name, message, stack = `${name}: ${message}` } = error;
  return {
    name,
    message,
    stack,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...('hint' in error && typeof error.hint === 'string' ? { hint: error.hint } : {}),
  };
}
