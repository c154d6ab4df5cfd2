import type { RawArray } from '../primitives/raw-array.ts';
import { Primitive } from '../primitives/primitive.ts';
import { Control, CONTROL_BYTES } from './control.ts';

/** Byte offset and size of each chunk of memory that an execution may change. */
export type Chunks = readonly (readonly [byteOffset: number, sizeBytes: number])[];

/** A step of a replayed execution. */
export interface TraceStep {
  readonly actor: number;
  /** Index into OPERATIONS. */
  readonly op: number;
  /** The object's name, of an array with the element; null for a step that touches nothing. */
  readonly object: string | null;
  /** What was loaded, stored, put or got. */
  readonly value: unknown;
  /** What is shared after it, by name. */
  readonly shared: Readonly<Record<string, unknown>>;
}

const LINE_BYTES = 64;

/** How many elements of 32 bits an array needs to hold a control block, wherever its cache lines fall. */
export const SESSION_LENGTH = (CONTROL_BYTES + LINE_BYTES) / 4;

/** The control block in an array that was made to hold it. */
export function controlOf(session: RawArray): Control {
  const memory = Primitive.memoryOf(session);
  const begin = session.view().byteOffset;
  return new Control(memory.cells, Math.ceil(begin / LINE_BYTES) * LINE_BYTES);
}
