/**
 * What signals do to this process. Node only notes that one has come, and tells those who listen when the event loop goes on, which it does not while
 * the process is blocked.
 *
 * Source: sigaction(2).
 */
import os from 'node:os';
import { bindFunctions } from './foreign.ts';

/** More than a struct sigaction takes anywhere. All zeroes it means: what the signal does by default. */
const ACTION_BYTES = 256;

type Sigaction = (signal: number, action: Uint8Array, before: Uint8Array | null) => number;

export class LinuxSignals {
  /** Looked up when it is first needed: most processes listen to nothing. */
  #sigaction: Sigaction | undefined;

  endBy(name: NodeJS.Signals): () => void {
    const sigaction = (this.#sigaction ??= bindFunctions((libc) =>
      libc.func('int sigaction(int signal, const uint8_t *action, _Out_ uint8_t *before)'),
    ) as Sigaction);
    const signal = os.constants.signals[name];
    const before = new Uint8Array(ACTION_BYTES);
    const changed = sigaction(signal, new Uint8Array(ACTION_BYTES), before) === 0;
    return () => {
      if (changed) sigaction(signal, before, null);
    };
  }
}
