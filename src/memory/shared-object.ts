/** Where a shared object keeps its byte offset: the same for two copies of this package in one process. */
export const SHARED_OBJECT = Symbol.for('ipc-lab.shared-object');

/** Anything that lives in shared memory and can be handed to another process. */
export interface SharedObject extends Disposable {
  /** Byte offset of the object in the lab's segment. */
  readonly [SHARED_OBJECT]: number;
}

/** Makes a process's own handle on an object that exists already. */
export type Attach = (offset: number) => SharedObject;

/** What there is to know of a kind of objects, to whoever has no handle on one. */
export interface Kind {
  /** Without it, there are no handles on such objects in this process. */
  readonly attach?: Attach;
  /** Takes a process that has ended from among those who are known to hold one. */
  readonly forget?: (offset: number, id: number) => void;
  /**
   * Frees what one is made of: nobody has it any more. A process may be killed in the middle, and another then begins again, so that each step
   * must be one of {@link ObjectTable.freePart} and {@link ObjectTable.unrefer}, or do nothing the second time.
   */
  readonly free?: (offset: number) => void;
}
