/**
 * The foreign function interface, as far as a thread that is stopped in the middle of it would take the whole process along: it aborts where it
 * can neither go on nor throw. It is so while functions are bound and memory is viewed; a call of a bound function is safe.
 */
import koffi, { type LibraryHandle } from 'koffi';
import type { Guard } from './platform.ts';

let guard: Guard = (work) => work();

/** From now on functions are bound, and memory is viewed, in `next`: for threads that can be stopped. */
export function guardForeign(next: Guard): void {
  guard = next;
}

/** Runs what binds functions of the C library. */
export function bindFunctions<T>(bind: (libc: LibraryHandle) => T): T {
  return guard(() => bind(koffi.load(null)));
}

/** The memory from an address on. */
export function viewMemory(address: bigint, sizeBytes: number): ArrayBuffer {
  return guard(() => koffi.view(address, sizeBytes));
}
