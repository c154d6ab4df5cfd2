/** From what an exploration counted to what it means. */
import type { DeadlockReport, OutcomeReport, Verdict } from '../report/explore.ts';
import type { Grade } from '../report/grade.ts';
import { asGrade } from '../scenario/grading.ts';
import type { Explored } from './exploration.ts';
import type { Counted } from './outcomes.ts';

const DEADLOCK = '!deadlock: ';

export interface Judged {
  readonly outcomes: readonly OutcomeReport[];
  readonly deadlocks: readonly DeadlockReport[];
  readonly violated: boolean;
}

/** An outcome as it was counted: its value, or a sentence where there is none. */
export function outcomeOf(label: string): { readonly value: unknown; readonly isSentence: boolean } {
  return label.startsWith('!')
    ? { value: label.slice(1), isSentence: true }
    : { value: JSON.parse(label), isSentence: false };
}

/** What an outcome as it was counted is worth. @throws IpcError `ERR_IPC_SCENARIO_INVALID` */
export function gradeOf(label: string, grade: (outcome: unknown) => unknown): Grade {
  const { value, isSentence } = outcomeOf(label);
  return isSentence ? 'forbidden' : asGrade(grade(value), value);
}

/** Grades what was counted. What is no outcome (a deadlock, an exception, no end) is forbidden whatever the program says. */
export function judge(
  counted: readonly Counted[],
  grade: (outcome: unknown) => unknown,
  token: (schedule: string) => string,
): Judged {
  const outcomes = counted
    .filter(({ label }) => !label.startsWith(DEADLOCK))
    .map(({ label, count, schedule, preemptions }): OutcomeReport => {
      const { value, isSentence } = outcomeOf(label);
      return {
        outcome: value,
        failed: isSentence,
        grade: gradeOf(label, grade),
        schedules: count,
        token: token(schedule),
        preemptions,
      };
    });
  const deadlocks = counted
    .filter(({ label }) => label.startsWith(DEADLOCK))
    .map(
      ({ label, count, schedule }): DeadlockReport => ({
        token: token(schedule),
        cycle: label.slice(DEADLOCK.length).split('; '),
        schedules: count,
      }),
    );
  const order = { acceptable: 0, interesting: 1, forbidden: 2 };
  return {
    outcomes: outcomes.toSorted((a, b) => order[a.grade] - order[b.grade] || b.schedules - a.schedules),
    deadlocks,
    violated: deadlocks.length > 0 || outcomes.some((each) => each.grade === 'forbidden'),
  };
}

/** The verdict: nothing is proven by a search that was bounded, or by an explorer that misses a planted bug. */
export function verdictOf(
  explored: Explored,
  violated: boolean,
  bound: string | null,
  canary: boolean | null,
): Verdict {
  if (violated) return 'VIOLATION';
  return explored.complete && bound === null && canary === true ? 'PROVEN' : 'INCOMPLETE';
}
