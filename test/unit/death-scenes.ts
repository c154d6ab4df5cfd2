/** What a process is killed in with a lock, a condition, a barrier and their like, and how the others go on. */
import { expect } from 'vitest';
import { isIpcError } from '#src/core/errors.js';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { Barrier } from '#src/primitives/barrier.js';
import { BoundedSemaphore } from '#src/primitives/bounded-semaphore.js';
import { Condition } from '#src/primitives/condition.js';
import { Event } from '#src/primitives/event.js';
import { Lock } from '#src/primitives/lock.js';
import { RLock } from '#src/primitives/rlock.js';
import { RwLock } from '#src/primitives/rw-lock.js';
import { SpinLock } from '#src/primitives/spin-lock.js';
import { TicketLock } from '#src/primitives/ticket-lock.js';
import type { SharedLab } from '../shared-lab.ts';

/** How long any wait may take that a death concerns. */
const SOON_MS = 2000;

/** What the victim is killed in, and how the others go on afterwards. */
interface Scene {
  act(): unknown;
  goOn(survived: boolean): Promise<void>;
}

/** Makes something, of which each process has a handle: first the one that will be killed. */
function handles<T>(lab: SharedLab, make: (memory: LabMemory) => T): [T, T, T, T] {
  const ours = make(lab.memory(1));
  return [lab.send(ours, 1, 0), ours, lab.send(ours, 1, 2), lab.send(ours, 1, 3)];
}

async function soon<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} takes longer than ${SOON_MS} ms`)), SOON_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** How a wait ended: with what it returned, or with the code of its error. */
async function endOf(wait: Promise<unknown>): Promise<unknown> {
  try {
    return await wait;
  } catch (error) {
    if (isIpcError(error)) return error.code;
    throw error;
  }
}

/** Lets whatever can go on in this event loop go on. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
}

type Takeable = Lock | RLock | SpinLock | TicketLock;

/** Acquires a lock, from the dead if need be. */
async function acquireAnyhow(lock: Takeable, first: Promise<unknown> = lock.acquireAsync()): Promise<void> {
  for (let acquiring = first; ; acquiring = lock.acquireAsync()) {
    const end = await soon('acquiring', endOf(acquiring));
    if (end === true) return;
    expect(end).toBe('ERR_IPC_OWNER_DIED');
    if (lock.takeOver()) return;
  }
}

function lockScene(lab: SharedLab, make: (memory: LabMemory) => Takeable, contended: boolean): Scene {
  const [victim, other, third] = handles(lab, make);
  if (contended) victim.acquire();
  const waiting = contended ? endOf(other.acquireAsync()) : undefined;
  return {
    act() {
      if (!contended) victim.acquire();
      victim.release();
    },
    async goOn() {
      await acquireAnyhow(other, waiting);
      const next = third.acquireAsync();
      other.release();
      await acquireAnyhow(third, next);
      third.release();
      expect([other.locked, other.tryAcquire(), third.tryAcquire()]).toEqual([false, true, false]);
    },
  };
}

function semaphoreScene(lab: SharedLab): Scene {
  const [victim, other, third] = handles(lab, (memory) => BoundedSemaphore.create(memory, 1));
  victim.acquire();
  const waiting = other.acquireAsync();
  return {
    act: () => victim.release(),
    async goOn(survived) {
      // The permit that the dead took along, if it did.
      if (!survived && third.value === 0) await endOf(Promise.resolve().then(() => third.release()));
      expect(await soon('acquiring', waiting)).toBe(true);
      other.release();
      expect(third.value).toBe(1);
    },
  };
}

function eventScene(lab: SharedLab): Scene {
  const [victim, other, third] = handles(lab, (memory) => Event.create(memory));
  const waiting = other.waitAsync();
  return {
    act() {
      victim.set();
      victim.clear();
    },
    async goOn(survived) {
      if (!survived) third.set();
      expect(await soon('waiting', waiting)).toBe(true);
    },
  };
}

type Notifies = (condition: Condition) => void;

function conditionScene(lab: SharedLab, make: (memory: LabMemory) => Lock | RLock, notify: Notifies): Scene {
  const [victim, ...others] = handles(lab, (memory) => Condition.create(memory, { lock: make(memory) }));
  const [first, second, third] = others;
  const ends: unknown[] = [];
  const waits = [first, second].map(async (each) => {
    each.acquire();
    const end = await endOf(each.waitAsync());
    ends.push(end);
    if (each.lock.isMine) each.release();
  });
  return {
    act() {
      victim.acquire();
      notify(victim);
      victim.release();
    },
    async goOn(survived) {
      if (survived && notify === notifyAll) await soon('waiting', Promise.all(waits));
      if (survived && notify === notifyOne) {
        await soon('waiting', Promise.race(waits));
        await settled();
        expect(ends).toEqual([true]);
      }
      await acquireAnyhow(third.lock);
      third.notifyAll();
      third.release();
      await soon('waiting', Promise.all(waits));
      for (const end of ends) expect([true, 'ERR_IPC_OWNER_DIED']).toContain(end);
      expect([third.waiters, third.lock.locked]).toEqual([0, false]);
    },
  };
}

const notifyOne: Notifies = (condition) => condition.notify();
const notifyAll: Notifies = (condition) => condition.notifyAll();

/** The victim waits, and is notified before or after it dies. */
function waiterScene(lab: SharedLab, notifiedFirst: boolean): Scene {
  const [victim, other, third] = handles(lab, (memory) => Condition.create(memory, { lock: Lock.create(memory) }));
  let entry = 0;
  const enter = (): void => {
    victim.acquire();
    entry = victim.enrol();
    victim.releaseAll();
  };
  const notify = (): void => third.with(() => third.notify());
  if (notifiedFirst) enter();
  other.acquire();
  const waiting = endOf(other.waitAsync());
  if (notifiedFirst) notify();
  return {
    act() {
      if (!notifiedFirst) enter();
      else if (victim.settle(entry)) {
        victim.reacquire(1, entry);
        victim.release();
      }
    },
    async goOn(survived) {
      if (notifiedFirst) {
        // Whoever got the lock and was killed with it has had what it was told.
        if (survived || third.lock.locked) await acquireAnyhow(third.lock);
        if (third.lock.isMine) {
          third.notify();
          third.release();
        }
      } else {
        await acquireAnyhow(third.lock);
        third.notify();
        third.release();
      }
      expect([true, 'ERR_IPC_OWNER_DIED']).toContain(await soon('waiting', waiting));
    },
  };
}

function barrierScene(lab: SharedLab, act: (barrier: Barrier) => unknown): Scene {
  const [victim, other, third] = handles(lab, (memory) => Barrier.create(memory, 2));
  let end: unknown;
  const waiting = endOf(other.waitAsync()).then((value) => (end = value));
  return {
    act: () => act(victim),
    async goOn() {
      // The round is as it was, or over, or broken, for all.
      const filling = third.waiters > 0 && !third.broken ? endOf(third.waitAsync()) : undefined;
      await soon('the round', Promise.all([waiting, filling]));
      expect([0, 'ERR_IPC_BROKEN_BARRIER']).toContain(end);
      third.reset();
      const next = other.waitAsync();
      expect([third.wait(SOON_MS), await soon('the next round', next), third.waiters]).toEqual([1, 0, 0]);
    },
  };
}

function rwLockScene(lab: SharedLab, hold: 'read' | 'write', contended: boolean): Scene {
  const [victim, reader, writer, third] = handles(lab, (memory) => RwLock.create(memory));
  const acquire = (): unknown => (hold === 'read' ? victim.acquireRead() : victim.acquireWrite());
  if (contended) acquire();
  const waits = contended ? [endOf(writer.acquireWriteAsync()), endOf(reader.acquireReadAsync())] : [];
  const freed = waits.map(async (wait, i) => {
    const end = await wait;
    if (end === 'ERR_IPC_OWNER_DIED') {
      if (third.takeOver()) third.releaseWrite();
    } else {
      expect(end).toBe(true);
      if (i === 0) writer.releaseWrite();
      else reader.releaseRead();
    }
  });
  return {
    act() {
      if (!contended) acquire();
      if (hold === 'read') victim.releaseRead();
      else victim.releaseWrite();
    },
    async goOn() {
      await soon('both waits', Promise.all(freed));
      if (third.takeOver()) third.releaseWrite();
      expect(await soon('writing', writer.acquireWriteAsync())).toBe(true);
      const reading = reader.acquireReadAsync();
      writer.releaseWrite();
      expect(await soon('reading', reading)).toBe(true);
      reader.releaseRead();
      expect([third.writer, third.readers]).toEqual([undefined, 0]);
    },
  };
}

const LOCKS = {
  Lock: (memory: LabMemory) => Lock.create(memory),
  RLock: (memory: LabMemory) => RLock.create(memory),
  SpinLock: (memory: LabMemory) => SpinLock.create(memory),
  TicketLock: (memory: LabMemory) => TicketLock.create(memory),
};

export const SCENES: readonly [string, (lab: SharedLab) => Scene][] = [
  ...Object.entries(LOCKS).flatMap(([kind, make]): [string, (lab: SharedLab) => Scene][] => [
    [`acquiring and releasing a ${kind}`, (lab) => lockScene(lab, make, false)],
    [`releasing a ${kind} for which another waits`, (lab) => lockScene(lab, make, true)],
  ]),
  ['releasing a semaphore', semaphoreScene],
  ['setting an event', eventScene],
  ['notifying one, over a Lock', (lab) => conditionScene(lab, LOCKS.Lock, notifyOne)],
  ['notifying one, over an RLock', (lab) => conditionScene(lab, LOCKS.RLock, notifyOne)],
  ['notifying all, over a Lock', (lab) => conditionScene(lab, LOCKS.Lock, notifyAll)],
  ['notifying all, over an RLock', (lab) => conditionScene(lab, LOCKS.RLock, notifyAll)],
  ['beginning to wait for a condition', (lab) => waiterScene(lab, false)],
  ['ending a wait that was notified', (lab) => waiterScene(lab, true)],
  ['coming last to a barrier', (lab) => barrierScene(lab, (barrier) => barrier.wait())],
  ['aborting a barrier', (lab) => barrierScene(lab, (barrier) => barrier.abort())],
  ['resetting a barrier', (lab) => barrierScene(lab, (barrier) => barrier.reset())],
  ['reading', (lab) => rwLockScene(lab, 'read', false)],
  ['writing', (lab) => rwLockScene(lab, 'write', false)],
  ['ending a reading for which others wait', (lab) => rwLockScene(lab, 'read', true)],
  ['ending a writing for which others wait', (lab) => rwLockScene(lab, 'write', true)],
];
