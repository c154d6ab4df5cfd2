/**
 * Signals by which a person or a program asks a process to end, in a process that is blocked. Code that listens to them hears them when the event loop
 * goes on, so that a process in a wait would be deaf. From its first wait on, therefore, such a signal does what it does to everybody else, until
 * the event loop goes on: in between nobody could have heard it.
 *
 * What came before that wait, while code computed, is heard later, as everywhere in Node.
 */
import type { SignalPlatform } from '../platform/platform.ts';

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** By signal, what makes the process listen again; signals are the process's, not a lab's. */
const unheard = new Map<NodeJS.Signals, () => void>();

/** Called in the main thread of a process that is about to be blocked. */
export function endBySignals(platform: SignalPlatform): void {
  for (const signal of ENDING_SIGNALS) {
    if (process.listenerCount(signal) === 0 || unheard.has(signal)) continue;
    if (unheard.size === 0) setImmediate(listenAgain);
    unheard.set(signal, platform.endBy(signal));
  }
}

function listenAgain(): void {
  for (const [signal, again] of unheard) if (process.listenerCount(signal) > 0) again();
  unheard.clear();
}
