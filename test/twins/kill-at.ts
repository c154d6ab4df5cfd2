import type { Cells } from '#src/memory/cells.js';

/** What a process that was killed in the middle of something throws here. */
class Killed extends Error {}

/** Whether that is why something was thrown. */
export function wasKilled(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // A dead process closes nothing: what wanted to, on the way out, was killed again.
  return error instanceof Killed || error.cause instanceof Killed || ('error' in error && wasKilled(error.error));
}

const STORES = [
  'store',
  'add',
  'exchange',
  'compareExchange',
  'compareExchangeBigInt64',
  'storeInt32',
  'storeFloat64',
  'copyIn',
  'writeLatin1',
  'clear',
] as const;

/**
 * Kills a process at its `at`-th store into shared memory from now on: every other store of its own is real, this one does not happen, and
 * of a copy only the first half does. Returns what lets the process store again.
 */
export function killAt(cells: Cells, at: number): () => void {
  let count = 0;
  const own = cells as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of STORES) {
    const real = own[name] as (...args: unknown[]) => unknown;
    own[name] = (...args) => {
      if (++count < at) return real.apply(cells, args);
      if (name === 'copyIn') {
        const bytes = args[1] as Uint8Array;
        real.call(cells, args[0], bytes.subarray(0, bytes.length / 2));
      }
      throw new Killed(`killed at ${name}, store ${count}`);
    };
  }
  return () => {
    for (const name of STORES) delete own[name];
  };
}
