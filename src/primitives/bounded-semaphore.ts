import { natural } from '../core/natural.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { KIND, type PrimitiveOptions } from './primitive.ts';
import { Semaphore } from './semaphore.ts';
import { UNOWNED_CELLS } from './unowned.ts';

/** A {@link Semaphore} that refuses to be released more often than it was acquired: its value never exceeds the one it was made with. */
export class BoundedSemaphore extends Semaphore {
  override readonly kind = 'BoundedSemaphore';

  /** Makes a semaphore with that many free permits, and never more. @internal */
  static override create(memory: LabMemory, initial = 1, options: PrimitiveOptions = {}): BoundedSemaphore {
    const permits = natural('the initial value of a semaphore', initial);
    return memory.objects.create(KIND.boundedSemaphore, UNOWNED_CELLS * 4, options.name, (offset) =>
      new BoundedSemaphore(memory, offset).begin(permits, permits),
    );
  }
}
