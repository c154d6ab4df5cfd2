import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/objects.ts';
import { RawValue } from './raw-value.ts';

/** The longest that a process spins before it sleeps: two processes that start together meet long before. */
const SPIN_TURNS = 20_000;

/**
 * A {@link RawValue} of 32 bits as a cell: atomic, and something to wait for. For the start lines and hand-offs of races.
 * @internal
 */
export class SharedCell {
  readonly #memory: LabMemory;
  readonly #cell: number;
  readonly #target: number;

  constructor(value: RawValue<'i'>) {
    const { memory, cell } = RawValue.placeOf(value);
    this.#memory = memory;
    this.#cell = cell;
    this.#target = value[SHARED_OBJECT];
  }

  load(): number {
    return this.#memory.cells.load(this.#cell);
  }

  store(value: number): void {
    this.#memory.cells.store(this.#cell, value);
  }

  /** Adds and returns the old value. */
  add(amount: number): number {
    return this.#memory.cells.add(this.#cell, amount);
  }

  /** Wakes everyone who waits for the cell to change. */
  wake(): void {
    this.#memory.waiter.wake(this.#cell, 2 ** 31 - 1);
  }

  /** Stores, and wakes everyone who waits for that. */
  publish(value: number): void {
    this.store(value);
    this.wake();
  }

  /** Looks again and again, for a few dozen microseconds, whether the cell holds what is wanted. */
  spin(wanted: (value: number) => boolean): boolean {
    const { cells } = this.#memory;
    for (let turn = 0; turn < SPIN_TURNS; turn++) {
      if (wanted(cells.load(this.#cell))) return true;
    }
    return false;
  }

  /**
   * Sleeps until the cell holds what is wanted, and returns that.
   * @param check throws when what the wait depends on has died; called after each slice of sleep.
   */
  wait(wanted: (value: number) => boolean, check: () => void = () => {}): number {
    const { cells, waiter } = this.#memory;
    const cell = this.#cell;
    const condition = {
      verb: 'see' as const,
      target: this.#target,
      cell,
      expected: 0,
      attempt(): { readonly value: number } | undefined {
        const value = cells.load(cell);
        condition.expected = value;
        return wanted(value) ? { value } : undefined;
      },
      check,
    };
    return waiter.block(condition)?.value ?? cells.load(cell);
  }
}
