import { bodyCell } from '#src/primitives/primitive.js';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { SpinLock } from '#src/primitives/spin-lock.js';
import { TicketLock } from '#src/primitives/ticket-lock.js';

/** Tests the word and then sets it: what everybody writes first. Between the two there is room for another. */
export class SpinLockTestThenSet extends SpinLock {
  protected override tryTake(): boolean {
    if (this.cells.load(this.wordCell) !== 0) return false;
    this.cells.store(this.wordCell, this.mine);
    return true;
  }
}

/** Loads the next ticket and stores the one after it: two that come together get the same. */
export class TicketLockLoadAndStore extends TicketLock {
  protected override takeTicket(next: number): number {
    const base = bodyCell(this[SHARED_OBJECT]);
    const lap = (next >>> 10) << 25;
    this.cells.store(base + 16 + (next & 1023), lap | this.memory.self);
    this.cells.store(base, (next + 1) | 0);
    return next;
  }
}
