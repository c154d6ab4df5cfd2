import type { Ora } from 'ora';

/** Runs shorter than this need no spinner. */
const PATIENCE_MS = 400;

/**
 * A spinner that says what is going on, drawn on a terminal only, and only when something takes long enough to wonder.
 * The library is loaded when it is first needed.
 */
export class Progress {
  readonly #stream: NodeJS.WritableStream;
  readonly #enabled: boolean;
  #text = '';
  #timer: NodeJS.Timeout | undefined;
  #spinner: Ora | undefined;
  #stopped = true;

  constructor(stream: NodeJS.WritableStream, enabled: boolean) {
    this.#stream = stream;
    this.#enabled = enabled;
  }

  start(text: string): void {
    this.#text = text;
    this.#stopped = false;
    if (this.#enabled) this.#timer = setTimeout(() => void this.#draw(), PATIENCE_MS);
  }

  /** Says what is going on now. */
  say(text: string): void {
    this.#text = text;
    if (this.#spinner !== undefined) this.#spinner.text = text;
  }

  /** Writes something without the spinner in the way. */
  around(write: () => void): void {
    this.#spinner?.clear();
    write();
    this.#spinner?.render();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#spinner?.stop();
    this.#spinner = undefined;
  }

  async #draw(): Promise<void> {
    const { default: ora } = await import('ora');
    if (this.#stopped) return;
    // ora would otherwise take over standard input, and with it Ctrl-C; and whether there is a screen has been decided by whoever made this.
    this.#spinner = ora({ text: this.#text, stream: this.#stream, discardStdin: false, isEnabled: true }).start();
  }
}
