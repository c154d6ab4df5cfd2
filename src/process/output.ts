/**
 * Standard output of the processes of a lab: written synchronously, so that nothing is lost however the process ends, and so that it appears
 * while the process is blocked. (Node's own stream to a pipe keeps what does not fit for later; a process that then waits in a lock, exits or
 * is killed has lost it: 307 of 400 KB were.)
 */
import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/** Puts synchronous streams in the place of `process.stdout` and `process.stderr`, before anything has used them. */
export function writeOutputSynchronously(): void {
  for (const [name, descriptor] of [
    ['stdout', 1],
    ['stderr', 2],
  ] as const) {
    const stream = new Writable({
      decodeStrings: true,
      write(chunk: Buffer, _encoding, done) {
        writeWhole(descriptor, chunk);
        done();
      },
    });
    Object.defineProperty(process, name, {
      value: Object.assign(stream, { fd: descriptor, isTTY: false }),
      configurable: true,
    });
  }
}

interface Written {
  readonly chunk: string | Uint8Array;
  readonly encoding: BufferEncoding;
}

/**
 * The same on a thread, whose streams would go through the event loop of the thread that started it. They cannot be replaced: Node itself
 * calls them when that event loop turns.
 */
export function writeThreadOutputSynchronously(): void {
  for (const [stream, descriptor] of [
    [process.stdout, 1],
    [process.stderr, 2],
  ] as const) {
    stream._writev = (chunks: readonly Written[], done: () => void) => {
      for (const { chunk, encoding } of chunks)
        writeWhole(descriptor, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
      done();
    };
  }
}

/** Writes all bytes. Who has nobody left to read them goes on in silence. */
export function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      // The program has closed it itself.
      if (code === 'EPIPE' || code === 'EBADF') return;
      if (code !== 'EAGAIN') throw error;
      // Somebody made the pipe non-blocking and it is full: give its reader a moment.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
