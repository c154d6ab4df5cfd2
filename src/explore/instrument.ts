/**
 * Primitives as an explored actor sees them: the ones that ship, with a gate before each operation. One call is one step; a call that would
 * block is a step that can be taken only when it will not. What happens inside a step is not watched: that is what exploring at the
 * granularity of cells is for.
 */
import { IpcError } from '../core/errors.ts';
import { SHARED_OBJECT } from '../memory/objects.ts';
import { OwnedLock } from '../primitives/owned-lock.ts';
import { bodyCell, type Primitive } from '../primitives/primitive.ts';
import { Queue } from '../primitives/queue.ts';
import { RawArray } from '../primitives/raw-array.ts';
import { RawValue } from '../primitives/raw-value.ts';
import { RLock } from '../primitives/rlock.ts';
import { SharedArray } from '../primitives/shared-array.ts';
import { SharedValue } from '../primitives/shared-value.ts';
import { GUARD } from './control.ts';
import { type Operation, operationIndex } from './operations.ts';
import type { PendingStep } from './gate.ts';
import { unseen } from './unseen.ts';

/** Where an actor's steps go: its gate, and whoever writes down what they did. */
export interface Stepper {
  /** Parks until the step may be taken. */
  pass(step: PendingStep): void;
  /** Hears what the step that was just taken loaded or stored. */
  note(value: unknown): void;
  /** Hears that the actor uses what cannot be seen, which nobody may catch and go on. Returns what to throw. */
  refuse(error: IpcError): IpcError;
  /** The actor's slot id: who it is to locks. */
  readonly slot: number;
}

/** What is behind the point counts, too. */
const FRACTIONS = 1_048_573;

type Member = (...args: unknown[]) => unknown;

/** Puts a gate before each operation of a primitive. What it has no gate for is refused. */
export function instrument(primitive: Primitive, stepper: Stepper): Primitive {
  const members = membersOf(primitive, stepper);
  return new Proxy(primitive, {
    get(target, key) {
      const gated = members.gets.get(key);
      if (gated !== undefined) return gated();
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

interface Members {
  /** Properties whose reading is a step, or that are methods with steps. */
  readonly gets: ReadonlyMap<string | symbol, () => unknown>;
  readonly sets: ReadonlyMap<string | symbol, (value: unknown) => void>;
  /** Properties that touch nothing that others change. */
  readonly open: ReadonlySet<string | symbol>;
}

const OPEN = new Set<string | symbol>([
  SHARED_OBJECT,
  'kind',
  'name',
  'code',
  'length',
  'capacity',
  'constructor',
  Symbol.toStringTag,
  'then',
  'toJSON',
]);

function membersOf(primitive: Primitive, stepper: Stepper): Members {
  const gate = new ObjectGate(primitive, stepper);
  if (primitive instanceof RawValue) return valueMembers(primitive, gate);
  if (primitive instanceof RawArray) return arrayMembers(primitive, gate);
  if (primitive instanceof OwnedLock) return lockMembers(primitive, gate);
  if (primitive instanceof SharedValue) return lockedValueMembers(primitive, stepper);
  if (primitive instanceof SharedArray) return lockedArrayMembers(primitive, stepper);
  if (primitive instanceof Queue) return queueMembers(primitive, gate);
  throw unseen(primitive, 'any of it');
}

/** The gate of one object. */
class ObjectGate {
  readonly #object: number;
  readonly #location: number;
  readonly #stepper: Stepper;

  /** @param lock what each access takes: an access depends on whoever holds it, so it touches the lock */
  constructor(primitive: Primitive, stepper: Stepper, lock?: OwnedLock) {
    this.#object = primitive[SHARED_OBJECT];
    this.#location = lock === undefined ? this.#object : lock[SHARED_OBJECT];
    this.#stepper = stepper;
  }

  get slot(): number {
    return this.#stepper.slot;
  }

  /** Takes one step and does its work. `part` tells apart what lies in one object but is touched independently. */
  step<T>(
    op: Operation,
    work: () => T,
    more: { part?: number; guard?: number; guardCell?: number; guardValue?: number; value?: unknown } = {},
  ): T {
    const { part = 0, guard, guardCell, guardValue } = more;
    this.#stepper.pass({
      op: operationIndex(op),
      location: this.#location + part,
      writes: op !== 'LOAD',
      object: this.#object,
      stored: op === 'STORE' ? fingerprint(more.value) : 0,
      ...(guard === undefined ? {} : { guard, guardCell: guardCell ?? 0, guardValue: guardValue ?? 0 }),
    });
    let noted: unknown = 'nothing: it threw';
    try {
      const result = work();
      noted = 'value' in more ? more.value : result;
      return result;
    } finally {
      this.#stepper.note(noted);
    }
  }
}

function valueMembers(value: RawValue, gate: ObjectGate): Members {
  return {
    gets: new Map<string, () => unknown>([
      ['value', () => gate.step('LOAD', () => value.value)],
      ['add', () => (amount: number) => gate.step('ATOMIC', () => value.add(amount))],
    ]),
    sets: new Map([
      [
        'value',
        (next) =>
          gate.step(
            'STORE',
            () => {
              value.value = next as number;
            },
            { value: next },
          ),
      ],
    ]),
    open: OPEN,
  };
}

function arrayMembers(array: RawArray, gate: ObjectGate): Members {
  const at = (index: unknown): number => (Number(index) < 0 ? array.length + Number(index) : Number(index)) + 1;
  return methods({
    get: (index) => gate.step('LOAD', () => array.get(index as number), { part: at(index) }),
    set: (index, value) =>
      gate.step('STORE', () => array.set(index as number, value as number), { part: at(index), value }),
  });
}

function lockGuard(lock: OwnedLock, gate: ObjectGate): { guard: number; guardCell: number; guardValue: number } {
  const guard = lock instanceof RLock ? GUARD.freeOrOwned : GUARD.free;
  return { guard, guardCell: bodyCell(lock[SHARED_OBJECT]), guardValue: gate.slot };
}

function lockMembers(lock: OwnedLock, gate: ObjectGate): Members {
  const acquire = (): boolean =>
    gate.step('LOCK', () => mustSucceed(lock.tryAcquire()), { ...lockGuard(lock, gate), value: undefined });
  const release = (): void => gate.step('UNLOCK', () => lock.release());
  const withLock = (critical: unknown): unknown => {
    acquire();
    try {
      return (critical as Member)();
    } finally {
      release();
    }
  };
  return methods({
    acquire,
    release,
    tryAcquire: () => gate.step('TRY', () => lock.tryAcquire()),
    hold: () => {
      acquire();
      return { [Symbol.dispose]: release };
    },
    with: withLock,
  });
}

function lockedValueMembers(value: SharedValue, stepper: Stepper): Members {
  const lock = value.getLock();
  const gate = new ObjectGate(value, stepper, lock);
  const guard = lockGuard(lock, gate);
  const instrumented = instrument(lock, stepper);
  return {
    gets: new Map<string, () => unknown>([
      ['value', () => gate.step('LOAD', () => value.value, guard)],
      ['getLock', () => () => instrumented],
    ]),
    sets: new Map([
      [
        'value',
        (next) =>
          gate.step(
            'STORE',
            () => {
              value.value = next as number;
            },
            { ...guard, value: next },
          ),
      ],
    ]),
    open: OPEN,
  };
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

function methods(table: Readonly<Record<string, Member>>): Members {
  return {
    gets: new Map(Object.entries(table).map(([name, method]) => [name, () => method])),
    sets: new Map(),
    open: OPEN,
  };
}

/** The guard said that it can proceed. */
function mustSucceed(done: boolean): true {
  if (done) return true;
  throw new IpcError('ERR_IPC_OUT_OF_RANGE', 'a queue of an explored program is full', {
    hint: 'Give it room for all the messages of one execution.',
  });
}

/** A number that tells values apart, but for the odd two. */
function fingerprint(value: unknown): number {
  if (typeof value === 'number') return Math.imul(value * FRACTIONS, 0x27d4eb2f);
  return typeof value === 'bigint' ? Number(BigInt.asIntN(32, value)) : 0;
}
