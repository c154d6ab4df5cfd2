import type { Cells } from '#src/memory/cells.js';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { ObjectTable } from '#src/memory/objects.js';
import { Parcels } from '#src/memory/parcels.js';
import { Waiter } from '#src/memory/waiting.js';
import { registerPrimitives } from '#src/primitives/attach-table.js';

class ShortSighted extends Waiter {
  protected override look(): undefined {
    return undefined;
  }
}

/** A process's memory with other cells for what is looked at, and no looking before it sleeps: that only repeats what comes after it. */
export function steppedMemory(memory: LabMemory, cells: Cells): LabMemory {
  const { slots, bells, self, segment, arena } = memory;
  const objects = new ObjectTable(cells, arena);
  const stepped = Object.create(memory, {
    cells: { value: cells },
    mayLook: { value: false },
    waiter: { value: new ShortSighted(cells, slots, bells, self, memory.platform, segment.mapping, 0) },
    objects: { value: objects },
    parcels: { value: new Parcels(cells, arena, objects, 0) },
  }) as LabMemory;
  registerPrimitives(stepped);
  return stepped;
}
