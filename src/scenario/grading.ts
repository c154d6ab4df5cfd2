/** What comes out of a run or of an exploration, against what its author says of it. */
import { IpcError } from '../core/errors.ts';
import { type Grade, GRADES } from '../report/grade.ts';
import type { Scenario } from './define.ts';

/**
 * A grade as a program gives it. A word misspelt must not pass for one that is not `forbidden`: something wrong would count as proven.
 * @throws IpcError `ERR_IPC_SCENARIO_INVALID`
 */
export function asGrade(given: unknown, outcome: unknown): Grade {
  const grade = GRADES.find((each) => each === given);
  if (grade !== undefined) return grade;
  const shown =
    typeof given === 'string' ? JSON.stringify(given) : given instanceof Promise ? 'a promise' : String(given);
  throw new IpcError(
    'ERR_IPC_SCENARIO_INVALID',
    `grade() must give ${GRADES.map((each) => JSON.stringify(each)).join(', ')}, not ${shown}, for the outcome ${JSON.stringify(outcome)}`,
    { hint: 'Look at the function grade of the program; it must not be asynchronous.' },
  );
}

/** The parameter whose choices are shown one below the other: first the one that goes wrong. Without choices there is nothing to compare. */
export function comparison({ params, program }: Scenario): {
  readonly name: string;
  readonly choices: readonly string[];
} {
  const name = program?.compare ?? 'lock';
  const spec = params?.[name];
  return { name, choices: (spec !== undefined && 'choices' in spec && spec.choices) || [] };
}

/** Whether these parameters are the ones with which a scenario is there to go wrong. */
export function isMeantToFail(scenario: Scenario, params: Readonly<Record<string, unknown>>): boolean {
  const { name, choices } = comparison(scenario);
  return choices.length > 0 && choices[0] === params[name];
}
