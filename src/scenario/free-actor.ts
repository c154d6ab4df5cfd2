import type { ActorContext } from './define.ts';

/** Runs an actor of a program as nothing but a process: without a schedule, as fast as it goes. */
export async function runFreely(
  module: string,
  name: string,
  shared: unknown,
  index: number,
  params: unknown,
): Promise<void> {
  const exports = (await import(module)) as Record<
    string,
    (shared: unknown, context: ActorContext, params: unknown) => void
  >;
  exports[name]?.(shared, { index, step() {}, spin() {} }, params);
}
