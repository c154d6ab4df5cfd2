import { Chalk } from 'chalk';
import type { Style } from '../render/terminal/style.ts';

/** What a command needs of the process it runs in; `process` itself fits, and so does a fake. */
export interface Io {
  readonly stdout: NodeJS.WritableStream & Partial<Screen>;
  readonly stderr: NodeJS.WritableStream & Partial<Screen>;
  /** Read by commands that ask for something. */
  readonly stdin?: NodeJS.ReadableStream & { isTTY?: boolean; fd?: number; unref?(): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

/** What a stream has when it is a terminal. */
interface Screen {
  isTTY: boolean;
  columns: number;
  hasColors(): boolean;
}

const NARROWEST = 40;
const PLAIN_COLUMNS = 80;

/** Whether a stream is a terminal that knows its width. */
function isScreen(stream: Io['stdout']): boolean {
  return stream.isTTY === true && (stream.columns ?? 0) > 0;
}

/** Whether a spinner may be drawn there: on a screen that a person looks at, and when nobody wants it plain. */
export function mayDraw(stream: Io['stdout'], env: Io['env'], ascii: boolean): boolean {
  return isScreen(stream) && !ascii && (env['NO_COLOR'] ?? '') === '' && (env['CI'] ?? '') === '';
}

/** How text may look on a stream: colour only on a terminal that has it and when nobody says NO_COLOR. */
export function styleFor(stream: Io['stdout'], env: Io['env'], ascii: boolean): Style {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  const colours =
    (env['NO_COLOR'] ?? '') === '' && !ascii && (forced || (stream.isTTY === true && stream.hasColors?.() === true));
  const chalk = new Chalk({ level: colours ? 1 : 0 });
  return {
    columns: isScreen(stream) ? Math.max(NARROWEST, stream.columns ?? PLAIN_COLUMNS) : PLAIN_COLUMNS,
    ascii,
    bold: (text) => chalk.bold(text),
    dim: (text) => chalk.dim(text),
    good: (text) => chalk.green(text),
    bad: (text) => chalk.red(text),
    name: (text) => chalk.cyan(text),
  };
}
