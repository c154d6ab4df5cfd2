/** Something that others may wait for, alone or with others of its kind: asks without waiting, and names the cell to sleep on. */
export interface Waitable {
  /** The cell that changes when it becomes ready. @internal */
  readonly waitCell: number;
  /** Whether waiting for it would be over at once. @internal */
  isReady(): boolean;
  /** Throws, or makes it ready, when what it depends on has died. `thorough` also asks the operating system. @internal */
  checkAlive?(thorough: boolean): void;
  /** Whether nobody is left who could make it ready; without it somebody always is. @param asynchronous whether this process goes on meanwhile @internal */
  isInVain?(asynchronous: boolean): boolean;
}
