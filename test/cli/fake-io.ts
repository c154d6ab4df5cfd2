import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { main } from '#src/cli/main.js';

/** A stream that keeps what is written; a terminal when it is given columns. */
export class FakeStream extends Writable {
  readonly isTTY: boolean;
  readonly columns: number;
  text = '';

  constructor(columns?: number) {
    super({ decodeStrings: false });
    this.isTTY = columns !== undefined;
    this.columns = columns ?? 0;
  }

  hasColors(): boolean {
    return this.isTTY;
  }

  /** What a terminal can do besides; as ora uses it. */
  readonly cursorTo = (): boolean => true;
  readonly clearLine = (): boolean => true;
  readonly moveCursor = (): boolean => true;

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    done();
  }
}

/** What `main` needs of a process, faked. */
export class FakeIo extends EventEmitter {
  readonly stdout: FakeStream;
  readonly stderr: FakeStream;
  readonly env: Readonly<Record<string, string | undefined>>;

  constructor(columns?: number, env: Readonly<Record<string, string | undefined>> = {}) {
    super();
    this.stdout = new FakeStream(columns);
    this.stderr = new FakeStream(columns);
    this.env = env;
  }
}

export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line within this process. */
export async function answer(argv: readonly string[], io = new FakeIo()): Promise<Answer> {
  const exitCode = await main(argv, io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

/** The only document on stdout; fails when there is anything else. */
export function onlyDocument({ stdout }: Answer): unknown {
  const lines = stdout.split('\n');
  if (lines.length !== 2 || lines[1] !== '') throw new Error(`not one line of JSON: ${stdout}`);
  return JSON.parse(lines[0] ?? '');
}

/** Text for people with what differs from run to run replaced. */
export function steady(text: string): string {
  return text
    .replaceAll(/ *\b\d+(\.\d+)? (ms|s|µs|us)\b/g, ' TIME')
    .replaceAll(/^(\S+) +\d+ /gm, '$1 PID ')
    .replaceAll(/\(pid \d+\)/g, '(pid PID)')
    .replaceAll(/(\S) {2,}/g, '$1  ');
}
