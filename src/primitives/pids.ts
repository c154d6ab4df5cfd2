import type { LabMemory } from '../memory/lab-memory.ts';

/** The processes of the lab; threads have the descriptors of theirs. */
export function* pidsIn({ slots }: LabMemory): Generator<number> {
  for (const id of slots.ids()) if (slots.host(id) === 0) yield slots.pid(id);
}
