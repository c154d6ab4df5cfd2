/**
 * What the processes of a lab write, shown while they run: whole lines, each with its process's name in front, in the order they came. A line
 * of one process is never mixed with another's. What is not text passes as it is.
 */
import { StringDecoder } from 'node:string_decoder';
import type { ProcessRecord } from '../process/process-record.ts';
import type { OutputStream } from '../process/spawn-server.ts';
import type { Style } from '../render/terminal/style.ts';

/** A line longer than this is shown in pieces: memory is not for waiting for its end. */
const LONGEST_LINE = 64 * 1024;

export class LiveOutput {
  readonly #sink: NodeJS.WritableStream;
  readonly #style: Style;
  readonly #around: (write: () => void) => void;
  readonly #partial = new Map<string, { readonly decoder: StringDecoder; text: string }>();

  /** @param around called around each write, for a spinner that must get out of the way. */
  constructor(sink: NodeJS.WritableStream, style: Style, around: (write: () => void) => void) {
    this.#sink = sink;
    this.#style = style;
    this.#around = around;
  }

  /** Takes in what a process wrote. False: the sink is full; wait for its `drain`. */
  take(record: ProcessRecord, stream: OutputStream, chunk: Buffer): boolean {
    const key = `${record.id} ${stream}`;
    let partial = this.#partial.get(key);
    if (partial === undefined) {
      partial = { decoder: new StringDecoder('utf8'), text: '' };
      this.#partial.set(key, partial);
    }
    const lines = (partial.text + partial.decoder.write(chunk)).split('\n');
    partial.text = lines.pop() ?? '';
    if (partial.text.length > LONGEST_LINE) {
      lines.push(partial.text);
      partial.text = '';
    }
    return lines.length === 0 || this.#show(record, lines);
  }

  /** Shows what is left of a process that has ended, though its last line has no end. */
  end(record: ProcessRecord): void {
    for (const stream of ['stdout', 'stderr']) {
      const key = `${record.id} ${stream}`;
      const partial = this.#partial.get(key);
      this.#partial.delete(key);
      const rest = partial === undefined ? '' : partial.text + partial.decoder.end();
      if (rest !== '') this.#show(record, [rest]);
    }
  }

  #show(record: ProcessRecord, lines: readonly string[]): boolean {
    const prefix = this.#style.dim(`[${record.name}]`);
    let goOn = true;
    this.#around(() => {
      goOn = this.#sink.write(lines.map((line) => `${prefix} ${line}\n`).join(''));
    });
    return goOn;
  }
}
