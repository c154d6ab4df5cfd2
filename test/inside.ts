import type { Primitive, RawArray } from 'ipc-lab';
import type { LabMemory } from '#src/memory/lab-memory.js';

const SHARED_OBJECT = Symbol.for('ipc-lab.shared-object');

/** The memory that a primitive lives in, as its process sees it: for fixtures that must look inside. */
export function memoryOf(primitive: Primitive): LabMemory {
  return (primitive as unknown as { readonly memory: LabMemory }).memory;
}

/** Milliseconds on the clock that all processes of a machine share. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Blocks until the process with that name sleeps in a wait for that primitive. */
export function untilItWaits(name: string, primitive: Primitive): void {
  const { slots } = memoryOf(primitive);
  const target = (primitive as unknown as { readonly [SHARED_OBJECT]: number })[SHARED_OBJECT];
  for (;;) {
    for (const id of slots.ids()) if (slots.name(id) === name && slots.waiting(id)?.target === target) return;
    // Nothing says when somebody begins to wait: look again in a millisecond.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
}

/** Blocks until the process with that name waits for any of several things. */
export function untilItWaitsForAny(name: string, primitive: Primitive): void {
  const { slots } = memoryOf(primitive);
  const waitsForAny = (id: number): boolean => {
    const waiting = slots.waiting(id);
    return waiting?.verb === 'wait' && waiting.target === 0;
  };
  while (![...slots.ids()].some((id) => slots.name(id) === name && waitsForAny(id))) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
}

/** Blocks until the process with that name waits for another to end. */
export function untilItJoins(name: string, primitive: Primitive): void {
  const { slots } = memoryOf(primitive);
  while (![...slots.ids()].some((id) => slots.name(id) === name && slots.waiting(id)?.verb === 'join')) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
}

/** The cell of an element of an array of 32-bit numbers. */
export function cellOf(array: RawArray<'i'>, index: number): number {
  return array.view().byteOffset / 4 + index;
}

/** Whether the process with that name has waited for so long, for whatever; any primitive of the lab will do. */
export function hasWaited(name: string, ms: number, primitive: Primitive): boolean {
  const memory = memoryOf(primitive);
  const { slots } = memory;
  const waited = (id: number): number => memory.nowMs() - (slots.waiting(id)?.sinceMs ?? Infinity);
  return [...slots.ids()].some((id) => slots.name(id) === name && waited(id) >= ms);
}

/** Blocks until {@link hasWaited}. */
export function untilItHasWaited(name: string, ms: number, primitive: Primitive): void {
  while (!hasWaited(name, ms, primitive)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}
