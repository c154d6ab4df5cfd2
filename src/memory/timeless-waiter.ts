import { hasPassed } from './timeout.ts';
import { type Condition, Waiter } from './waiting.ts';

/** A waiter for whom no time passes and nobody dies: a wait ends by being woken, or with its process. */
export class TimelessWaiter extends Waiter {
  override block<T>(condition: Condition<T>, timeoutMs?: number): T | undefined {
    return super.block(condition, hasPassed(timeoutMs) ? 0 : undefined);
  }

  protected override look(): undefined {
    return undefined;
  }

  protected override lookAround(): void {}
}
