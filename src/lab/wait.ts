/**
 * Waiting for any of several things: on this process's bell, which whoever wakes the sleepers of any cell rings. What wakes nobody unless it
 * knows of a sleeper is told that there is one.
 */
import { IpcError } from '../core/errors.ts';
import type { CountedWaitable } from '../memory/counted-waitable.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { monotonicMs } from '../memory/clock.ts';
import { Patience } from '../memory/patience.ts';
import type { Waitable } from '../memory/waitable.ts';
import type { AsyncWaitOptions, Condition } from '../memory/waiting.ts';
import { isEndless } from '../memory/timeout.ts';

/** Who has just been served may look for a moment as if it still waited. */
const IN_VAIN_MS = 500;
const LOOKS = 1000;
const patience = new Patience(LOOKS);

/** Blocks until at least one is ready; returns those that are, in their order. None when `timeoutMs` passed first. */
export function waitForAny<W extends Waitable>(memory: LabMemory, waitables: readonly W[], timeoutMs?: number): W[] {
  const all = checked(waitables, isEndless(timeoutMs));
  const ready = readyOf(all);
  if (ready.length > 0 || (timeoutMs !== undefined && timeoutMs <= 0)) return ready;
  return memory.waiter.blockOnBell(conditionOf(memory, all, timeoutMs, false), timeoutMs) ?? [];
}

/** As {@link waitForAny}, without blocking the event loop. */
export async function waitForAnyAsync<W extends Waitable>(
  memory: LabMemory,
  waitables: readonly W[],
  options: AsyncWaitOptions = {},
): Promise<W[]> {
  const { timeoutMs, signal } = options;
  const all = checked(waitables, isEndless(timeoutMs) && signal === undefined);
  const ready = readyOf(all);
  if (ready.length > 0 || (timeoutMs !== undefined && timeoutMs <= 0)) return ready;
  const condition = conditionOf(memory, all, signal === undefined ? timeoutMs : 0, true);
  return (await memory.waiter.blockAsync(condition, options)) ?? [];
}

/** @param timeoutMs of what has another end it is never said to be in vain */
function conditionOf<W extends Waitable>(
  memory: LabMemory,
  waitables: readonly W[],
  timeoutMs: number | undefined,
  asynchronous: boolean,
): Condition<W[]> {
  let inVainSince: number | undefined;
  const counted: CountedWaitable[] = waitables.flatMap((each) => (isCounted(each) ? [each as CountedWaitable] : []));
  const bell = memory.bells.cellOf(memory.self);
  const condition: Condition<W[]> = {
    verb: 'wait',
    target: 0,
    cell: bell,
    expected: 0,
    patience,
    attempt: () => {
      // Read before they are looked at: a ring in between must not be slept through.
      condition.expected = memory.cells.load(bell);
      const ready = readyOf(waitables);
      return ready.length > 0 ? ready : undefined;
    },
    enter: () => {
      for (const each of counted) each.listen(1);
    },
    leave: () => {
      for (const each of counted) each.listen(-1);
    },
    check: (thorough) => {
      for (const each of waitables) each.checkAlive?.(thorough);
      if (!thorough || !isEndless(timeoutMs)) return;
      if (!waitables.every((each) => each.isInVain?.(asynchronous) === true)) inVainSince = undefined;
      else if (monotonicMs() - (inVainSince ??= monotonicMs()) >= IN_VAIN_MS) throw nobodyLeft();
    },
  };
  return condition;
}

function nobodyLeft(): IpcError {
  return new IpcError('ERR_IPC_NOBODY_LEFT', 'nobody is left who could make ready any of what is waited for', {
    hint: 'Every other process that had it has ended. A sentinel beside it, or a timeout, ends such a wait.',
  });
}

function readyOf<W extends Waitable>(waitables: readonly W[]): W[] {
  return waitables.filter((each) => each.isReady());
}

function isCounted(waitable: Waitable): waitable is CountedWaitable {
  return 'listen' in waitable;
}

/** @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for what cannot be waited for, and for waiting for nothing for ever */
function checked<W extends Waitable>(waitables: readonly W[], forEver: boolean): readonly W[] {
  if (!Array.isArray(waitables) || (forEver && waitables.length === 0)) {
    throw new IpcError('ERR_IPC_INVALID_ARGUMENT', 'what is waited for is an array of at least one', {
      hint: 'As in lab.wait([connection, process.sentinel]). An empty array can be waited for with a timeout.',
    });
  }
  const wrong = waitables.findIndex((each) => typeof (each as Partial<Waitable> | null)?.isReady !== 'function');
  if (wrong >= 0) {
    throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `number ${wrong + 1} of what is waited for is nothing to wait for`, {
      hint: 'Connections, queues and the sentinels of processes and threads can be waited for.',
    });
  }
  return waitables;
}
