import { IpcError } from '../core/errors.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import type { Barrier } from '../primitives/barrier.ts';
import type { Condition } from '../primitives/condition.ts';
import type { Event } from '../primitives/event.ts';
import type { OwnedLock } from '../primitives/owned-lock.ts';
import { bodyCell, Primitive } from '../primitives/primitive.ts';
import { RLock } from '../primitives/rlock.ts';
import type { RwLock } from '../primitives/rw-lock.ts';
import type { Semaphore } from '../primitives/semaphore.ts';
import type { TicketLock } from '../primitives/ticket-lock.ts';
import { GUARD } from './control.ts';
import { type Member, type Members, methods, ObjectGate, type StepGuard, type Stepper } from './object-gate.ts';

/** When a lock can be acquired. */
export function lockGuard(lock: OwnedLock, gate: ObjectGate): StepGuard {
  const guard = lock instanceof RLock ? GUARD.freeOrOwned : GUARD.free;
  return { guard, guardCell: bodyCell(lock[SHARED_OBJECT]), guardValue: gate.slot };
}

/** A lock. */
export function lockMembers(lock: OwnedLock, gate: ObjectGate): Members {
  return methods(lockOperations(lock, gate));
}

function lockOperations(lock: OwnedLock, gate: ObjectGate): Readonly<Record<string, Member>> {
  const guard = lockGuard(lock, gate);
  const tryAcquire = (): boolean => gate.step('TRY', () => lock.tryAcquire());
  return holding({
    acquire: (timeoutMs) =>
      isTry(timeoutMs)
        ? tryAcquire()
        : gate.step('LOCK', () => mustSucceed(lock.tryAcquire()), { ...guard, value: undefined }),
    release: () => gate.step('UNLOCK', () => lock.release()),
    tryAcquire,
  });
}

/** A semaphore: acquiring can go on when its value is not 0. */
export function semaphoreMembers(semaphore: Semaphore, gate: ObjectGate): Members {
  const guard = { guard: GUARD.changed, guardCell: semaphore.valueCell, guardValue: 0 };
  const tryAcquire = (): boolean => gate.step('TRY', () => semaphore.tryAcquire());
  return methods(
    holding({
      acquire: (timeoutMs) =>
        isTry(timeoutMs)
          ? tryAcquire()
          : gate.step('ACQUIRE', () => mustSucceed(semaphore.tryAcquire()), { ...guard, value: undefined }),
      release: (count) => gate.step('RELEASE', () => semaphore.release(count as number | undefined)),
      tryAcquire,
    }),
  );
}

/** An event: waiting is a look at it and, if it is clear, a second step that can be taken once it has been set, cleared again or not. */
export function eventMembers(event: Event, gate: ObjectGate): Members {
  return methods({
    set: () => gate.step('SET', () => event.set()),
    clear: () => gate.step('CLEAR', () => event.clear()),
    wait: (timeoutMs) => {
      let changes = 0;
      const isSet = gate.step('WAIT', () => {
        changes = event.changes;
        return event.isSet;
      });
      if (isTry(timeoutMs)) return isSet;
      if (!isSet)
        gate.step('AWAKE', () => {}, { guard: GUARD.changed, guardCell: event.flagCell, guardValue: changes });
      return true;
    },
  });
}

/**
 * A condition, with its lock. Waiting is three steps: to enter the list and release the lock, to be told, to acquire the lock again.
 */
export function conditionMembers(condition: Condition, stepper: Stepper): Members {
  const { lock } = condition;
  const lockGate = new ObjectGate(lock, stepper);
  // Whoever waits or notifies has the lock: their steps depend on all that is done to it.
  const gate = new ObjectGate(condition, stepper, lock);
  const { cells } = Primitive.memoryOf(condition);
  const free = lockGuard(lock, lockGate);
  const ofLock = lockOperations(lock, lockGate);
  const wait = (): true => {
    const { entry, depth, looking } = gate.step('WAIT', () => {
      // Says what is wrong in its own words.
      if (!lock.isMine) condition.wait(0);
      const enrolled = condition.enrol();
      return {
        entry: enrolled,
        looking: cells.load(condition.entryCell(enrolled)),
        depth: condition.releaseAll(),
      };
    });
    const told = { guard: GUARD.changed, guardCell: condition.entryCell(entry), guardValue: looking };
    gate.step('AWAKE', () => {}, told);
    lockGate.step('LOCK', () => condition.reacquire(depth, entry), free);
    return true;
  };
  return methods({
    ...ofLock,
    wait,
    waitFor: (predicate) => {
      for (;;) {
        const result = (predicate as Member)();
        if (result) return result;
        wait();
      }
    },
    notify: (count) => gate.step('NOTIFY', () => condition.notify(count as number | undefined)),
    notifyAll: () => gate.step('NOTIFY', () => condition.notifyAll()),
  });
}

/** A ticket lock: to take a ticket is a step, and each time that somebody else has been served another. */
export function ticketMembers(lock: TicketLock, gate: ObjectGate): Members {
  return methods(
    holding({
      acquire: () => {
        const turn = lock.turn();
        let mine = gate.step('ARRIVE', () => turn.attempt(), { value: undefined });
        while (mine === undefined) {
          const served = { guard: GUARD.changed, guardCell: turn.cell, guardValue: turn.expected };
          mine = gate.step('AWAKE', () => turn.attempt(), { ...served, value: undefined });
        }
        return true;
      },
      release: () => gate.step('UNLOCK', () => lock.release()),
      tryAcquire: () => gate.step('TRY', () => lock.tryAcquire()),
    }),
  );
}

/** A readers-writer lock: whoever does not get it at once waits in the list until it is handed over. */
export function rwLockMembers(lock: RwLock, gate: ObjectGate): Members {
  const { cells } = Primitive.memoryOf(lock);
  const acquire = (verb: 'read' | 'write') => (): true => {
    const { entry, held, waiting } = gate.step(
      'ACQUIRE',
      () => {
        const entered = lock.enter(verb);
        return { ...entered, waiting: cells.load(entered.entry) };
      },
      { value: verb },
    );
    if (!held) gate.step('AWAKE', () => {}, { guard: GUARD.changed, guardCell: entry, guardValue: waiting });
    return true;
  };
  const sides = { Read: 'read', Write: 'write' } as const;
  return methods(
    Object.fromEntries(
      Object.entries(sides).flatMap(([Side, verb]) => {
        const members = holding({
          acquire: acquire(verb),
          release: () => gate.step('RELEASE', () => lock[`release${Side as keyof typeof sides}`]()),
        });
        return [
          ...Object.entries(members).map(([name, member]): [string, Member] => [`${name}${Side}`, member]),
          [`tryAcquire${Side}`, () => gate.step('TRY', () => lock[`tryAcquire${Side as keyof typeof sides}`]())],
        ];
      }),
    ),
  );
}

/** A barrier: to come is a step, and to go on when all have come another. */
export function barrierMembers(barrier: Barrier, gate: ObjectGate): Members {
  const { cells } = Primitive.memoryOf(barrier);
  return methods({
    wait: (options) => {
      if (options !== undefined) throw gate.refuse('wait() with a timeout or an action');
      const { entry, index, waiting } = gate.step('ARRIVE', () => {
        const arrival = barrier.arrive();
        return { ...arrival, waiting: arrival.entry === 0 ? 0 : cells.load(arrival.entry) };
      });
      if (entry !== 0)
        gate.step('AWAKE', () => barrier.depart(entry), {
          guard: GUARD.changed,
          guardCell: entry,
          guardValue: waiting,
        });
      return index;
    },
    abort: () => gate.step('RELEASE', () => barrier.abort()),
    reset: () => gate.step('CLEAR', () => barrier.reset()),
  });
}

/** Who does not want to wait at all gets its answer in one step: no time needs to pass. */
function isTry(timeoutMs: unknown): boolean {
  return typeof timeoutMs === 'number' && timeoutMs <= 0;
}

/** What can be acquired and released can also be held for a block or a call. */
function holding<T extends { readonly acquire: Member; readonly release: Member }>(
  members: T,
): T & Record<'hold' | 'with', Member> {
  return {
    ...members,
    hold: () => {
      members.acquire();
      return { [Symbol.dispose]: () => members.release() };
    },
    with: (critical) => {
      members.acquire();
      try {
        return (critical as Member)();
      } finally {
        members.release();
      }
    },
  };
}

/** The guard said that it can proceed. */
export function mustSucceed(done: boolean): true {
  if (done) return true;
  throw new IpcError('ERR_IPC_OUT_OF_RANGE', 'a queue of an explored program is full', {
    hint: 'Give it room for all the messages of one execution.',
  });
}
