/**
 * Where the answer to a question comes from: from a person at a terminal, who is asked; else from whatever is piped in; else from nowhere.
 *
 * A program that starts us often leaves a socket open at our standard input and never writes to it (Node does by default): that is nobody. A
 * shell's pipe or file is read to its end.
 */
import { fstatSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { IpcError } from '../core/errors.ts';
import type { Interruption } from './interruption.ts';
import type { Io } from './io.ts';

/** How long a silent socket is given to prove that somebody is there. */
const SOCKET_PATIENCE_MS = 1000;
/** How long a shell's pipe may be silent before we say what we are waiting for. */
const NOTE_AFTER_MS = 1000;
const LONGEST_INPUT_BYTES = 64 * 1024 * 1024;

type Input = NonNullable<Io['stdin']>;
type Source = 'terminal' | 'pipe' | 'socket' | 'nobody';

export interface AnswerOptions {
  /** Whether a program reads our output: then nobody at a terminal is asked. */
  readonly json: boolean;
  /** How long to read from a pipe that does not end; a person may think as long as it takes. */
  readonly timeoutMs?: number;
}

/** Whether there is anybody who might answer, or something that might be one. */
export function canAnswer(io: Io, json: boolean): boolean {
  const source = sourceOf(io);
  return source !== 'nobody' && (source !== 'terminal' || (!json && screenOf(io) !== undefined));
}

/**
 * The answer to `question`; undefined when there is nobody to ask. It may be empty.
 * @throws IpcError `ERR_IPC_ABORTED` when the command is interrupted first; `ERR_IPC_USAGE` for input that is no text; `ERR_IPC_DEADLINE`
 */
export async function answerTo(
  question: string,
  io: Io,
  interruption: Interruption,
  { json, timeoutMs }: AnswerOptions,
): Promise<string | undefined> {
  const { stdin } = io;
  if (stdin === undefined || !canAnswer(io, json)) return undefined;
  const source = sourceOf(io);
  if (source === 'pipe' || source === 'socket') return readPiped(stdin, source, question, io, interruption, timeoutMs);
  const screen = screenOf(io);
  return screen === undefined ? undefined : prompt(question, stdin, screen, interruption);
}

function screenOf({ stdout, stderr }: Io): NodeJS.WritableStream | undefined {
  return [stderr, stdout].find(({ isTTY }) => isTTY === true);
}

function sourceOf({ stdin }: Io): Source {
  if (stdin === undefined) return 'nobody';
  if (stdin.isTTY === true) return 'terminal';
  if (stdin.fd === undefined) return 'pipe';
  const status = fstatSync(stdin.fd);
  if (status.isSocket()) return 'socket';
  return status.isFIFO() || status.isFile() ? 'pipe' : 'nobody';
}

/** Asks on a terminal. The end of the input (Ctrl-D) is no answer. */
function prompt(
  question: string,
  input: Input,
  output: NodeJS.WritableStream,
  interruption: Interruption,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const line = createInterface({ input, output, terminal: true, historySize: 0 });
    let answer: string | undefined;
    const stop = (): void => line.close();
    interruption.signal.addEventListener('abort', stop, { once: true });
    line.on('SIGINT', () => interruption.stop('SIGINT'));
    line.once('line', (text) => {
      answer = text;
      line.close();
    });
    line.once('close', () => {
      interruption.signal.removeEventListener('abort', stop);
      if (answer === undefined) output.write('\n');
      if (interruption.signal.aborted) reject(aborted());
      else resolve(answer);
    });
    line.setPrompt(`${question}: `);
    line.prompt();
    if (interruption.signal.aborted) stop();
  });
}

/** All that comes, without the line feed at its end, which is the shell's and not the text's. */
async function readPiped(
  input: Input,
  source: 'pipe' | 'socket',
  question: string,
  io: Io,
  interruption: Interruption,
  timeoutMs: number | undefined,
): Promise<string | undefined> {
  const deadline = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const signal = deadline === undefined ? interruption.signal : AbortSignal.any([interruption.signal, deadline]);
  const bytes = await readAll(input, source, signal, () =>
    io.stderr.write(`ipc-lab: reading from standard input: ${question}\n`),
  );
  if (bytes === undefined || (source === 'socket' && bytes.length === 0)) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.replace(/\r?\n$/, '');
  } catch (error) {
    throw new IpcError('ERR_IPC_USAGE', 'what came on standard input is not UTF-8', {
      hint: 'Convert it, as in: iconv -f GB18030 -t UTF-8',
      cause: error,
    });
  }
}

/** Undefined: a socket at which nobody is. */
function readAll(
  input: Input,
  source: 'pipe' | 'socket',
  signal: AbortSignal,
  sayThatWeWait: () => void,
): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      input.off('data', take).off('end', end).off('error', fail);
      input.pause();
      // What is still open must not keep this process alive.
      input.unref?.();
      settle();
    };
    const take = (chunk: Buffer | string): void => {
      clearTimeout(timer);
      const bytes = Buffer.from(chunk as string);
      chunks.push(bytes);
      sizeBytes += bytes.length;
      if (sizeBytes > LONGEST_INPUT_BYTES) finish(() => reject(tooMuch()));
    };
    const end = (): void => finish(() => resolve(Buffer.concat(chunks)));
    const fail = (error: Error): void => finish(() => reject(error));
    const abort = (): void => finish(() => reject(isTimeout(signal.reason) ? tooLate() : aborted()));
    const timer = setTimeout(
      () => {
        if (source === 'socket') finish(() => resolve(undefined));
        else sayThatWeWait();
      },
      source === 'socket' ? SOCKET_PATIENCE_MS : NOTE_AFTER_MS,
    );
    signal.addEventListener('abort', abort, { once: true });
    input.on('data', take).once('end', end).once('error', fail);
    if (signal.aborted) abort();
  });
}

function aborted(): IpcError {
  return new IpcError('ERR_IPC_ABORTED', 'interrupted before there was an answer');
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError';
}

function tooLate(): IpcError {
  return new IpcError('ERR_IPC_DEADLINE', 'standard input did not end in time', {
    hint: 'Give the text as a parameter, or close standard input (< /dev/null).',
  });
}

function tooMuch(): IpcError {
  return new IpcError('ERR_IPC_USAGE', `more than ${LONGEST_INPUT_BYTES} bytes came on standard input`);
}
