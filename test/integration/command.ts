import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { environment } from './nothing-left.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** The path of a fixture as it is built. */
export function fixture(name: string): string {
  return `${repository}dist/test/integration/fixtures/${name}.js`;
}

/** How a command ended, and everything that it wrote. */
export interface Ending {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** The test reads its stdout itself. */
  readonly readsOutput?: boolean;
  /** A shell's words before the command, as in `ulimit -n 20;`. */
  readonly shell?: string;
}

/** `ipc-lab` as a process of its own. (Never through npx, which adds a shell and swallows signals.) */
export class Command {
  readonly child: ChildProcess;
  readonly #text = { stdout: '', stderr: '' };
  readonly #ended: Promise<unknown>;

  constructor(
    args: readonly string[],
    { env = {}, cwd = repository, shell, readsOutput = false }: CommandOptions = {},
  ) {
    const words = [process.execPath, `${repository}bin/ipc-lab.js`, ...args];
    const [file = '', ...rest] = shell === undefined ? words : ['sh', '-c', `${shell} exec "$@"`, 'sh', ...words];
    this.child = spawn(file, rest, {
      cwd,
      env: { ...process.env, ...environment, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const name of ['stdout', 'stderr'] as const) {
      if (name === 'stdout' && readsOutput) continue;
      this.stream(name)
        .setEncoding('utf8')
        .on('data', (text: string) => {
          this.#text[name] += text;
        });
    }
    this.#ended = once(this.child, 'close');
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the command was not started');
    return this.child.pid;
  }

  stream(name: 'stdout' | 'stderr'): Readable {
    const stream = this.child[name];
    if (stream === null) throw new Error(`${name} is no pipe`);
    return stream;
  }

  /** Resolves with the first match of what it has written on stdout; fails when it ends first. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#text.stdout);
      if (match !== null) return match;
      const more = once(this.stream('stdout'), 'data').then(() => true);
      if (!(await Promise.race([more, this.#ended.then(() => pattern.test(this.#text.stdout))]))) {
        throw new Error(`it ended without saying ${pattern}:\n${this.#text.stdout}${this.#text.stderr}`);
      }
    }
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  async ends(): Promise<Ending> {
    await this.#ended;
    return { exitCode: this.child.exitCode, signal: this.child.signalCode, ...this.#text };
  }
}

/** Runs `ipc-lab` to its end. */
export function ipcLab(...args: readonly string[]): Promise<Ending> {
  return new Command(args).ends();
}

/** `ipc-lab run` with a fixture. */
export function runFixture(name: string, ...args: readonly string[]): Promise<Ending> {
  return ipcLab('run', fixture(name), ...args);
}
