import os from 'node:os';
import type { BrokenPipe } from './broken-pipe.ts';
import type { Io } from './io.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Who tells us to stop: a signal, or a reader of our output that has gone away (as `head -1` does). */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #io: Io;
  readonly #listeners = new Map<NodeJS.Signals, () => void>();
  /** What the process ends with because of it: 128 + the signal's number; undefined while nothing has happened. */
  exitCode: number | undefined;

  constructor(io: Io, brokenPipe: BrokenPipe) {
    this.#io = io;
    for (const signal of SIGNALS) {
      const listener = (): void => this.stop(signal);
      this.#listeners.set(signal, listener);
      io.on(signal, listener);
    }
    brokenPipe.onBroken(() => this.stop('SIGPIPE'));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Listens to signals no longer. */
  dispose(): void {
    for (const [signal, listener] of this.#listeners) this.#io.off(signal, listener);
  }

  /** Stops as on a signal. */
  stop(signal: NodeJS.Signals): void {
    this.exitCode ??= 128 + os.constants.signals[signal];
    this.#controller.abort();
  }
}
