/** Calls a function and ends what is held when it is over, however it ends; if the function returns a promise, when that settles. */
export function during<T>(held: Disposable, critical: () => T): T {
  let result: T;
  try {
    result = critical();
  } catch (error) {
    held[Symbol.dispose]();
    throw error;
  }
  if (result instanceof Promise) return result.finally(() => held[Symbol.dispose]()) as T;
  held[Symbol.dispose]();
  return result;
}
