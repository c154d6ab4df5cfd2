import type { Style } from './style.ts';
import { truncate, widthOf } from './text.ts';

/** A column must hold its letter and a little more. */
const NARROWEST = 6;
/** From here on a column each serves nobody: all actors share one. */
const MOST_COLUMNS = 6;
const SEPARATOR_WIDTH = 3;

/** What one actor did in a step, and who was preempted by it. */
export interface ActorCell {
  readonly actor: string;
  readonly text: string;
  readonly preempted: string | undefined;
}

/**
 * A column per actor. As only one of them acts in a step, what it does may reach into the empty columns to its right: so all but the
 * last may be narrower than what is in them.
 */
export class ActorColumns {
  readonly #actors: readonly string[];
  readonly #widths: readonly number[];
  readonly #style: Style;

  /**
   * @param longest width of the longest text
   * @param columns how many columns of the screen there are for all of it, each with a separator before it
   */
  constructor(actors: readonly string[], longest: number, columns: number, style: Style) {
    const left = columns - SEPARATOR_WIDTH * actors.length;
    const share = Math.floor(left / Math.max(1, actors.length));
    const together = actors.length > MOST_COLUMNS || share < NARROWEST;
    const others = actors.length - 1;
    const last = Math.min(longest, left - NARROWEST * others);
    this.#actors = together ? [] : actors;
    this.#style = style;
    this.#widths = together
      ? [Math.max(NARROWEST, columns - SEPARATOR_WIDTH)]
      : actors.map((_, i) => {
          if (share >= longest) return share;
          return i === others ? Math.max(last, share) : Math.floor((left - Math.max(last, share)) / others);
        });
  }

  /** The line with the names. */
  header(): string {
    const names = this.#actors.length === 0 ? ['actor'] : this.#actors;
    return names.map((name, i) => this.#cell(name, this.#widths[i] ?? 0)).join('');
  }

  /** The line of one step. */
  row({ actor, text, preempted }: ActorCell): string {
    const { bold } = this.#style;
    if (this.#actors.length === 0) {
      const whole = `${actor}  ${text}${preempted === undefined ? '' : `  (preempts ${preempted})`}`;
      return this.#cell(whole, this.#widths[0] ?? 0, bold);
    }
    const at = this.#actors.indexOf(actor);
    const until = this.#until(at, text, preempted);
    const cells: string[] = [];
    for (let i = 0; i < this.#actors.length; i++) {
      if (i === at) cells.push(this.#cell(text, this.#widthOf(at, until), bold));
      else if (i < at || i >= until) {
        const says = this.#actors[i] === preempted ? 'preempted' : '';
        cells.push(this.#cell(says, this.#widths[i] ?? 0));
      }
    }
    return cells.join('');
  }

  /** The first column that a text beginning at column `at` leaves alone. */
  #until(at: number, text: string, preempted: string | undefined): number {
    let until = at + 1;
    while (until < this.#actors.length && this.#widthOf(at, until) < widthOf(text) && this.#actors[until] !== preempted)
      until++;
    return until;
  }

  #widthOf(from: number, until: number): number {
    const widths = this.#widths.slice(from, until);
    return widths.reduce((sum, width) => sum + width, 0) + SEPARATOR_WIDTH * (widths.length - 1);
  }

  #cell(text: string, width: number, paint: (text: string) => string = (plain) => plain): string {
    const { dim, ascii } = this.#style;
    const cut = truncate(text, width, ascii);
    return ` ${dim(ascii ? '|' : '│')} ${paint(cut)}${' '.repeat(Math.max(0, width - widthOf(cut)))}`;
  }
}
