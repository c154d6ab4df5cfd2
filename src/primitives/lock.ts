import type { LabMemory } from '../memory/lab-memory.ts';
import { OwnedLock } from './owned-lock.ts';
import { KIND, type PrimitiveOptions } from './primitive.ts';

/**
 * A mutual-exclusion lock between processes. Not recursive: a process that acquires it twice waits for itself. As Python's
 * `multiprocessing.Lock`, any process may release it, not only the one that acquired it.
 */
export class Lock extends OwnedLock {
  readonly kind = 'Lock';

  /** Makes a free lock. @internal */
  static create(memory: LabMemory, options: PrimitiveOptions = {}): Lock {
    return memory.objects.create(KIND.lock, 4, options.name, (offset) => new Lock(memory, offset));
  }
}
