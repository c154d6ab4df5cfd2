import { openSync } from 'node:fs';
import { LabMemory } from '#src/memory/lab-memory.js';
import { SLOT_STATE } from '#src/memory/slot-layout.js';
import { currentPlatform } from '#src/platform/current.js';
import { registerPrimitives } from '#src/primitives/attach-table.js';

/**
 * The memory of a lab as several processes see it, all of them inside the test's own: each has a mapping, a slot and handles of its own,
 * and knows nothing of the others but what lies in shared memory.
 */
export class SharedLab implements Disposable {
  readonly memories: readonly LabMemory[];

  constructor(processes = 2, sizeBytes = 4 * 1024 * 1024, platform = currentPlatform()) {
    const first = LabMemory.create(platform, sizeBytes);
    const others = Array.from({ length: processes - 1 }, (_, i) => {
      const slot = first.slots.claim(`process-${i + 2}`, first.self, false);
      first.slots.spawned(slot, process.pid);
      return LabMemory.attach(platform, openSync(`/proc/self/fd/${first.segment.descriptor}`, 'r+'), slot);
    });
    this.memories = [first, ...others];
    for (const memory of this.memories) registerPrimitives(memory);
  }

  /** One of the processes; the first is the supervisor. */
  memory(index: number): LabMemory {
    const memory = this.memories[index];
    if (memory === undefined) throw new RangeError(`the lab has no process ${index}`);
    return memory;
  }

  /** Makes everybody believe that a process has died. */
  die(index: number): void {
    const { slots, bells, self } = this.memory(index);
    slots.advance(self, SLOT_STATE.ended);
    slots.wakeSleepers();
    bells.ringAll();
  }

  /** As {@link die}, and gives back what it had. */
  reap(index: number): void {
    this.die(index);
    this.memory(index === 0 ? 1 : 0).reap(this.memory(index).self);
  }

  /** Sends a value from one process to another. */
  send<T>(value: T, from: number, to: number): T {
    return this.memory(to).take(this.memory(from).put(value, 'a value')) as T;
  }

  [Symbol.dispose](): void {
    for (const memory of this.memories) memory.close();
  }
}
