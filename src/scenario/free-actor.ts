import { importModule } from '../core/import-module.ts';
import type { ActorContext } from './define.ts';

const NOWHERE = new Int32Array(new SharedArrayBuffer(4));
const SPIN_MS = 0.05;

/** Runs an actor of a program as nothing but a process: without a schedule, as fast as it goes. */
export async function runFreely(
  module: string,
  name: string,
  shared: unknown,
  index: number,
  params: unknown,
): Promise<void> {
  const exports = (await importModule(module)) as Record<
    string,
    (shared: unknown, context: ActorContext, params: unknown) => void
  >;
  // A spin that did nothing could be compiled away, and the plain loads around it with it; and whoever is waited for needs a processor.
  const spin = (): void => void Atomics.wait(NOWHERE, 0, 0, SPIN_MS);
  exports[name]?.(shared, { index, step() {}, spin }, params);
}
