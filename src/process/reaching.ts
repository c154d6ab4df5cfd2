import type { LabMemory } from '../memory/lab-memory.ts';
import type { WaitVerb } from '../memory/slot-layout.ts';
import type { Condition } from '../memory/waiting.ts';

/** The wait until a slot is in a state. @param check see {@link Condition.check} */
export function reaching(
  { slots }: LabMemory,
  verb: WaitVerb,
  slot: number,
  state: number,
  check: (thorough: boolean) => void,
): Condition<true> {
  const condition: Condition<true> = {
    verb,
    target: slot,
    cell: slots.stateCell(slot),
    expected: 0,
    attempt() {
      condition.expected = slots.state(slot);
      return condition.expected >= state ? true : undefined;
    },
    check,
  };
  return condition;
}
