import type { IpcError } from '../core/errors.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import type { OwnedLock } from '../primitives/owned-lock.ts';
import type { Primitive } from '../primitives/primitive.ts';
import type { PendingStep } from './gate.ts';
import { type Operation, operationIndex } from './operations.ts';
import { unseen } from './unseen.ts';

/** Where an actor's steps go: its gate, and whoever writes down what they did. */
export interface Stepper {
  /** Parks until the step may be taken. */
  pass(step: PendingStep): void;
  /** Hears what the step that was just taken loaded or stored, and of an array in which element. */
  note(value: unknown, element?: number): void;
  /** Hears that the step that was just taken changed nothing: who spins need not look again because of it. */
  wroteNothing(): void;
  /** Hears that the actor uses what cannot be seen, which nobody may catch and go on. Returns what to throw. */
  refuse(error: IpcError): IpcError;
  /** The actor's slot id: who it is to locks. */
  readonly slot: number;
}

/** A method of a primitive, with its steps. */
export type Member = (...args: unknown[]) => unknown;

/** What is behind the point counts, too. */
const FRACTIONS = 1_048_573;

/** What an actor may do with a primitive. */
export interface Members {
  /** Properties whose reading is a step, or that are methods with steps. */
  readonly gets: ReadonlyMap<string | symbol, () => unknown>;
  readonly sets: ReadonlyMap<string | symbol, (value: unknown) => void>;
  /** Properties that touch nothing that others change. */
  readonly open: ReadonlySet<string | symbol>;
}

/** Properties that no primitive changes while it is explored. */
export const OPEN = new Set<string | symbol>([
  SHARED_OBJECT,
  'kind',
  'name',
  'code',
  'length',
  'capacity',
  'constructor',
  'closed',
  Symbol.toStringTag,
  'then',
]);

/** When a step can be taken, as the fields of the same names say it. */
export interface StepGuard {
  readonly guard: number;
  readonly guardCell: number;
  readonly guardValue: number;
}

/** The gate of one object. */
export class ObjectGate {
  readonly #primitive: Primitive;
  readonly #object: number;
  readonly #location: number;
  readonly #stepper: Stepper;

  /** @param lock what each access takes: an access depends on whoever holds it, so it touches the lock */
  constructor(primitive: Primitive, stepper: Stepper, lock?: OwnedLock) {
    this.#primitive = primitive;
    this.#object = primitive[SHARED_OBJECT];
    this.#location = lock === undefined ? this.#object : lock[SHARED_OBJECT];
    this.#stepper = stepper;
  }

  /** The error for a use of the object that the explorer does not see. */
  refuse(what: string): IpcError {
    return this.#stepper.refuse(unseen(this.#primitive, what));
  }

  get slot(): number {
    return this.#stepper.slot;
  }

  /** Takes one step and does its work. `element` is that of an array whose elements are touched independently. */
  step<T>(
    op: Operation,
    work: () => T,
    more: Partial<StepGuard> & {
      readonly element?: number;
      readonly value?: unknown;
      readonly operands?: readonly unknown[];
    } = {},
  ): T {
    const { element, guard, guardCell, guardValue } = more;
    this.#stepper.pass({
      op: operationIndex(op),
      location: this.#location + (element === undefined ? 0 : element + 1),
      writes: op !== 'LOAD',
      object: this.#object,
      stored: (op === 'STORE' ? [more.value] : (more.operands ?? [])).reduce(fingerprint, 0),
      ...(guard === undefined ? {} : { guard, guardCell: guardCell ?? 0, guardValue: guardValue ?? 0 }),
    });
    let noted: unknown = 'nothing: it threw';
    try {
      const result = work();
      if (op === 'TRY' && result === false) this.#stepper.wroteNothing();
      noted = 'value' in more ? more.value : result;
      return result;
    } finally {
      this.#stepper.note(noted, element);
    }
  }
}

/** Members that are methods. */
export function methods(table: Readonly<Record<string, Member>>): Members {
  return {
    gets: new Map(Object.entries(table).map(([name, method]) => [name, () => method])),
    sets: new Map(),
    open: OPEN,
  };
}

/** A number that tells values apart, but for the odd two; of several one after the other. */
export function fingerprint(before: number, value: unknown): number {
  const own =
    typeof value === 'number'
      ? Math.imul(value * FRACTIONS, 0x27d4eb2f)
      : typeof value === 'bigint'
        ? Number(BigInt.asIntN(32, value))
        : 0;
  return Math.imul(before, 31) ^ own;
}
