/** How text for a person may look: what the screen can show, decided by whoever knows the screen. */
export interface Style {
  readonly columns: number;
  /** Only characters that every terminal and typewriter has. */
  readonly ascii: boolean;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly name: (text: string) => string;
}

const asIs = (text: string): string => text;

/** Text as it is: for pipes, files and tests. */
export function plainStyle(columns = 80, ascii = false): Style {
  return { columns, ascii, bold: asIs, dim: asIs, good: asIs, bad: asIs, name: asIs };
}
