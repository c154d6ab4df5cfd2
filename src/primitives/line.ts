/** Someone's place in a {@link Line}, until they leave it. */
export interface Place {
  left: boolean;
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
