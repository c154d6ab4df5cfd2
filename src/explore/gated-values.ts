import type { RawArray } from '../primitives/raw-array.ts';
import type { RawValue } from '../primitives/raw-value.ts';
import { type Member, type Members, methods, type ObjectGate, type StepGuard } from './object-gate.ts';

/** The operations of a value or element that load and store in one step. */
const ATOMIC = ['add', 'sub', 'and', 'or', 'xor', 'exchange', 'compareExchange'] as const;

/** A value without a lock. */
export function valueMembers(value: RawValue, gate: ObjectGate): Members {
  const atomics = ATOMIC.map((name): [string, Member] => [
    name,
    (...operands) => gate.step('ATOMIC', () => (value[name] as Member).apply(value, operands), { operands }),
  ]);
  const access = valueAccess(value, gate);
  const { gets, open } = methods(Object.fromEntries(atomics));
  return { gets: new Map([...gets, ...access.gets]), sets: access.sets, open };
}

/** Reading and setting `value`: a step each, which can be taken when `guard` says so. */
export function valueAccess(
  shared: { value: unknown },
  gate: ObjectGate,
  guard: Partial<StepGuard> = {},
): Pick<Members, 'gets' | 'sets'> {
  const store = (next: unknown): void => {
    shared.value = next;
  };
  return {
    gets: new Map([['value', () => gate.step('LOAD', () => shared.value, guard)]]),
    sets: new Map([['value', (next) => gate.step('STORE', () => store(next), { ...guard, value: next })]]),
  };
}

/** An array without a lock: each element by itself. */
export function arrayMembers(array: RawArray, gate: ObjectGate): Members {
  const at = (index: unknown): number => (Number(index) < 0 ? array.length + Number(index) : Number(index));
  const atomics = ATOMIC.map((name): [string, Member] => [
    name,
    (index, ...operands) =>
      gate.step('ATOMIC', () => (array[name] as Member).apply(array, [index, ...operands]), {
        element: at(index),
        operands,
      }),
  ]);
  return methods({
    get: (index) => gate.step('LOAD', () => array.get(index as number), { element: at(index) }),
    set: (index, value) =>
      gate.step('STORE', () => array.set(index as number, value as number), { element: at(index), value }),
    ...Object.fromEntries(atomics),
  });
}
