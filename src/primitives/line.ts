import type { Condition } from '../memory/waiting.ts';
import type { Message } from './message.ts';

/** Someone's place in a {@link Line}, until they leave it. */
export interface Place {
  left: boolean;
}

/** An asynchronous wait for room. */
export interface Putting extends Condition<true>, Place {
  readonly message: Message;
  /** Whether the message is in: from then on nothing can call it back. */
  done: boolean;
}

/** First come, first served, for any number of asynchronous waits of one process: joining, leaving and asking who is first take no search. */
export class Line<T extends Place> {
  #places: T[] = [];
  #first = 0;

  join(place: T): void {
    this.#places.push(place);
  }

  /** Who has waited longest; undefined when nobody waits. */
  get first(): T | undefined {
    if (this.#places.length === 0) return undefined;
    while (this.#places[this.#first]?.left === true) this.#first++;
    if (this.#first >= this.#places.length) {
      this.#places = [];
      this.#first = 0;
    } else if (this.#first > 1000 && this.#first * 2 > this.#places.length) {
      this.#places = this.#places.slice(this.#first);
      this.#first = 0;
    }
    return this.#places[this.#first];
  }
}

/** Makes a wait join a line when it begins to sleep, and leave it when it is over. */
export function inLine<W extends Condition<unknown> & Place>(line: Line<W>, wait: W): W {
  const { ...itself } = wait;
  return Object.assign(wait, {
    enter: () => {
      line.join(wait);
      itself.enter?.();
    },
    leave: () => {
      wait.left = true;
      itself.leave?.();
    },
    // Asking the operating system takes a while: once for the whole line.
    check: (thorough: boolean) => {
      if (line.first === wait) itself.check(thorough);
    },
  });
}
