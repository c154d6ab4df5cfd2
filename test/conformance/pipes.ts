/** Pipes between two processes of a shared lab. */
import { Connection, type PipeOptions } from '#src/primitives/connection.js';
import type { SharedLab } from '../shared-lab.ts';

/** One end in the first process, the other in the second, and nobody else. */
export function pipeOf<T = unknown>(lab: SharedLab, options: PipeOptions = {}): [Connection<T>, Connection<T>] {
  const [ours, second] = Connection.createPipe<T>(lab.memory(0), options);
  const theirs = lab.send(second, 0, 1);
  second.close();
  return [ours, theirs];
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
