/** What the main process tells the supervisor about the scenario it runs; each crosses as one blob. */
import type { SharedRecord } from '../lab/lab.ts';
import type { ErrorRecord } from '../process/child-runtime.ts';
import type { Grade } from '../report/grade.ts';

/** What the main process is told to do. */
export interface MainTask {
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  /** Whether somebody can be asked for parameters. */
  readonly mayAsk: boolean;
}

/** A parameter that was not given and is worth asking for. */
export interface Question {
  readonly flag: string;
  /** The words to ask with. */
  readonly text: string;
}

/** Said before it runs. */
export interface Announcement {
  readonly scenario: string;
  readonly title: string;
  readonly params: Readonly<Record<string, number | string | boolean>>;
}

/**
 * Said at its end: it was not run because of a mistake of the user's, or because there is something to ask before; or it was, and this came
 * out. Values are as JSON can hold them.
 */
export type Outcome =
  | { readonly kind: 'asks'; readonly questions: readonly Question[] }
  | { readonly kind: 'refused'; readonly error: ErrorRecord }
  | {
      readonly kind: 'finished';
      readonly ok: boolean;
      readonly result: unknown;
      readonly expected: unknown;
      readonly grade: Grade | null;
      readonly shared: readonly SharedRecord[];
    };
