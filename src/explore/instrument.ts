/**
 * Primitives as an explored actor sees them: the ones that ship, with a gate before each operation. One call is one step; a call that would
 * block is a step that can be taken only when it will not. What happens inside a step is not watched: that is what exploring at the
 * granularity of cells is for.
 */
import { Barrier } from '../primitives/barrier.ts';
import { Condition } from '../primitives/condition.ts';
import { Event } from '../primitives/event.ts';
import { OwnedLock } from '../primitives/owned-lock.ts';
import { INSPECT, type Primitive } from '../primitives/primitive.ts';
import { Queue } from '../primitives/queue.ts';
import { RawArray } from '../primitives/raw-array.ts';
import { RawValue } from '../primitives/raw-value.ts';
import { RwLock } from '../primitives/rw-lock.ts';
import { Semaphore } from '../primitives/semaphore.ts';
import { SharedArray } from '../primitives/shared-array.ts';
import { SharedValue } from '../primitives/shared-value.ts';
import { TicketLock } from '../primitives/ticket-lock.ts';
import {
  barrierMembers,
  conditionMembers,
  eventMembers,
  lockGuard,
  lockMembers,
  mustSucceed,
  rwLockMembers,
  semaphoreMembers,
  ticketMembers,
} from './gated-locks.ts';
import { arrayMembers, valueAccess, valueMembers } from './gated-values.ts';
import { GUARD } from './control.ts';
import { type Members, methods, ObjectGate, OPEN, type Stepper } from './object-gate.ts';
import { unseen } from './unseen.ts';

/** What asks for a text of it: an actor may print what it shares. */
const TEXTS: ReadonlySet<string | symbol> = new Set([INSPECT, 'toString', 'toJSON', Symbol.toPrimitive]);

/** Puts a gate before each operation of a primitive. What it has no gate for is refused. */
export function instrument(primitive: Primitive, stepper: Stepper): Primitive {
  const members = membersOf(primitive, stepper);
  return new Proxy(primitive, {
    get(target, key) {
      const gated = members.gets.get(key);
      if (gated !== undefined) return gated();
      // What it holds is not told: to read it would be a step.
      if (TEXTS.has(key)) return () => `${target.kind} ${JSON.stringify(target.name)}`;
      if (members.open.has(key)) {
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      }
      throw stepper.refuse(unseen(target, String(key)));
    },
    set(target, key, value) {
      const gated = members.sets.get(key);
      if (gated === undefined) throw stepper.refuse(unseen(target, String(key)));
      gated(value);
      return true;
    },
  });
}

function membersOf(primitive: Primitive, stepper: Stepper): Members {
  const gate = new ObjectGate(primitive, stepper);
  if (primitive instanceof RawValue) return valueMembers(primitive, gate);
  if (primitive instanceof RawArray) return arrayMembers(primitive, gate);
  if (primitive instanceof OwnedLock) return lockMembers(primitive, gate);
  if (primitive instanceof Semaphore) return semaphoreMembers(primitive, gate);
  if (primitive instanceof Event) return eventMembers(primitive, gate);
  if (primitive instanceof Condition) return conditionMembers(primitive, stepper);
  if (primitive instanceof TicketLock) return ticketMembers(primitive, gate);
  if (primitive instanceof RwLock) return rwLockMembers(primitive, gate);
  if (primitive instanceof Barrier) return barrierMembers(primitive, gate);
  if (primitive instanceof SharedValue) return lockedValueMembers(primitive, stepper);
  if (primitive instanceof SharedArray) return lockedArrayMembers(primitive, stepper);
  if (primitive instanceof Queue) return queueMembers(primitive, gate);
  throw unseen(primitive);
}

function lockedValueMembers(value: SharedValue, stepper: Stepper): Members {
  const lock = value.getLock();
  const gate = new ObjectGate(value, stepper, lock);
  const guard = lockGuard(lock, gate);
  const instrumented = instrument(lock, stepper);
  const { gets, sets } = valueAccess(value, gate, guard);
  return { gets: new Map([...gets, ['getLock', () => () => instrumented]]), sets, open: OPEN };
}

function lockedArrayMembers(array: SharedArray, stepper: Stepper): Members {
  const lock = array.getLock();
  const gate = new ObjectGate(array, stepper, lock);
  const guard = lockGuard(lock, gate);
  const instrumented = instrument(lock, stepper);
  return methods({
    get: (index) => gate.step('LOAD', () => array.get(index as number), guard),
    set: (index, value) => gate.step('STORE', () => array.set(index as number, value as number), { ...guard, value }),
    getLock: () => instrumented,
  });
}

function queueMembers(queue: Queue, gate: ObjectGate): Members {
  const { headCell, tailCell } = queue.counterCells;
  const something = { guard: GUARD.differs, guardCell: tailCell, guardValue: headCell };
  return methods({
    put: (value) => gate.step('PUT', () => mustSucceed(queue.tryPut(value)), { value }),
    tryPut: (value) => gate.step('PUT', () => queue.tryPut(value), { value }),
    get: () => gate.step('GET', () => queue.tryGet(), something),
    tryGet: () => gate.step('GET', () => queue.tryGet()),
  });
}
