import os from 'node:os';

/** The name of a signal number, as in `'SIGTERM'`; undefined for 0, which is none. */
export function signalName(number: number): NodeJS.Signals | undefined {
  if (number === 0) return undefined;
  const found = Object.entries(os.constants.signals).find(([, value]) => value === number);
  return (found?.[0] ?? 'SIGKILL') as NodeJS.Signals;
}
