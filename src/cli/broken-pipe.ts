import type { Io } from './io.ts';

/**
 * Notices that nobody reads what a command writes any more, as in `ipc-lab list | head -1`. That is no error of ours and no reason to say
 * anything; it is told in the exit code, as by a program that SIGPIPE ends.
 */
export class BrokenPipe {
  readonly #io: Io;
  readonly #listeners = new Set<() => void>();
  #broken = false;
  /** Why what a command wrote did not arrive, when it was not that nobody reads it: a full disk, say. */
  failure: Error | undefined;

  constructor(io: Io) {
    this.#io = io;
    for (const stream of [io.stdout, io.stderr]) {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EPIPE') this.#broken = true;
        else this.failure ??= error;
        for (const listener of this.#listeners) listener();
      });
    }
  }

  /** Calls `listener` when it happens. */
  onBroken(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Whether it has happened, once all that was written has arrived or failed. */
  async happened(): Promise<boolean> {
    await Promise.all([this.#io.stdout, this.#io.stderr].map(untilFlushed));
    return this.#broken;
  }
}

function untilFlushed(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
