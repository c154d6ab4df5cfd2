import os from 'node:os';
import type { Io } from './io.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Who tells us to stop: a signal, or a reader of our output that has gone away (as `head -1` does). */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #io: Io;
  readonly #listeners = new Map<NodeJS.Signals, () => void>();
  /** What the process ends with because of it: 128 + the signal's number; undefined while nothing has happened. */
  exitCode: number | undefined;

  constructor(io: Io) {
    this.#io = io;
    for (const signal of SIGNALS) {
      const listener = (): void => this.#stop(signal);
      this.#listeners.set(signal, listener);
      io.on(signal, listener);
    }
    io.stdout.on('error', this.#brokenPipe);
    io.stderr.on('error', this.#brokenPipe);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Listens no longer. A broken pipe is still swallowed: what is left to write has no reader either. */
  dispose(): void {
    for (const [signal, listener] of this.#listeners) this.#io.off(signal, listener);
  }

  readonly #brokenPipe = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    this.#stop('SIGPIPE');
  };

  #stop(signal: NodeJS.Signals): void {
    this.exitCode ??= 128 + os.constants.signals[signal];
    this.#controller.abort();
  }
}
