import type { LabMemory } from '../memory/lab-memory.ts';
import { OwnedLock } from './owned-lock.ts';
import { KIND, type PrimitiveOptions } from './primitive.ts';

/**
 * A recursive lock between processes: who holds it may acquire it again, and has to release it as often. Only its owner may release it.
 * The depth lies in the cell after the word and is touched by its owner only.
 */
export class RLock extends OwnedLock {
  readonly kind = 'RLock';
  /** The cells whose sleepers are to be woken when it is free. */
  readonly #wakeLater: number[] = [];

  /** Makes a free lock. @internal */
  static create(memory: LabMemory, options: PrimitiveOptions = {}): RLock {
    return memory.objects.create(KIND.rLock, 8, options.name, (offset) => new RLock(memory, offset));
  }

  /** How many times its owner has acquired it; 0 when it is free. */
  get depth(): number {
    return this.locked ? this.cells.load(this.wordCell + 1) : 0;
  }

  /** Acquires the lock, or once more if this process holds it, unless another does; never waits. */
  override tryAcquire(): boolean {
    return this.takeAgain() || (this.tryTake() && this.#first());
  }

  /**
   * Undoes one acquire; the last one frees the lock and wakes a process that waits for it.
   * @throws IpcError `ERR_IPC_NOT_OWNER` when this process does not hold it.
   */
  override release(): void {
    if (!this.isMine) throw this.notOwner();
    const depth = this.cells.load(this.wordCell + 1) - 1;
    this.cells.store(this.wordCell + 1, depth);
    if (depth === 0) this.give();
  }

  /** @internal */
  override releaseAll(): number {
    const depth = this.cells.exchange(this.wordCell + 1, 0);
    this.give();
    return depth;
  }

  /** @internal */
  override deepen(depth: number): void {
    if (depth > 1) this.cells.add(this.wordCell + 1, depth - 1);
  }

  /** Who is woken wants the lock, and would only sleep again. A kill before the release costs the sleeper a slice. @internal */
  override wakeInTurn(cell: number): void {
    if (this.isMine) this.#wakeLater.push(cell);
    else super.wakeInTurn(cell);
  }

  protected override give(): boolean {
    const given = super.give();
    while (this.#wakeLater.length > 0) super.wakeInTurn(this.#wakeLater.shift() as number);
    return given;
  }

  override takeOver(): boolean {
    return super.takeOver() && this.#first();
  }

  protected override taken(): void {
    this.#first();
  }

  /** Also for an asynchronous wait, when an earlier one of the same process was served first. @internal */
  protected override takeAgain(): boolean {
    if (!this.isMine) return false;
    this.cells.add(this.wordCell + 1, 1);
    return true;
  }

  #first(): true {
    this.cells.store(this.wordCell + 1, 1);
    return true;
  }
}
