/** What the main process tells the supervisor about the scenario it runs; each crosses as one blob. */
import type { SharedRecord } from '../lab/lab.ts';
import type { ErrorRecord } from '../process/child-runtime.ts';

/** What the main process is told to do. */
export interface MainTask {
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
}

/** Said before it runs. */
export interface Announcement {
  readonly scenario: string;
  readonly title: string;
  readonly params: Readonly<Record<string, number | string | boolean>>;
}

/** Said at its end: it was not run because of a mistake of the user's, or it was, and this came out. Values are as JSON can hold them. */
export type Outcome =
  | { readonly kind: 'refused'; readonly error: ErrorRecord }
  | {
      readonly kind: 'finished';
      readonly ok: boolean;
      readonly result: unknown;
      readonly expected: unknown;
      readonly shared: readonly SharedRecord[];
    };
