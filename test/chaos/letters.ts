/** Messages of every kind that say whose they are, which, and whether they are whole. */

/** The largest one has so many bytes. */
const LARGEST_LETTER_BYTES = 20_000;

/** Message `number` of a sender, of one of all kinds: text, wide text, bytes, an object; small ones, and with a `dice` under 4 a large one. */
export function letter(sender: number, number: number, dice: number): unknown {
  const head = `${sender} ${number} `;
  const length = dice < 4 ? LARGEST_LETTER_BYTES - 100 : dice * 3;
  if (dice % 4 === 0) return head + 'x'.repeat(length);
  if (dice % 4 === 1) return head + '锁'.repeat(length / 2);
  if (dice % 4 === 2) return Uint8Array.from(Buffer.from(head + '.'.repeat(length)));
  return { head, numbers: Array.from({ length: length / 10 }, () => number) };
}

/** Says whose and which a message is. @throws Error when any part of it is not as it was written */
export function readLetter(received: unknown): { sender: number; number: number } {
  const text =
    typeof received === 'string'
      ? received
      : received instanceof Uint8Array
        ? Buffer.from(received).toString()
        : (received as { head: string }).head;
  const [, sender, number, body = ''] = /^(\d+) (\d+) (.*)$/s.exec(text) ?? [];
  if (sender === undefined || number === undefined) throw new Error(`no message of ours: ${text.slice(0, 50)}`);
  if (body !== '' && body !== (body[0] ?? '').repeat(body.length)) throw new Error(`not whole: ${text.slice(0, 50)}`);
  if (typeof received === 'object' && 'numbers' in (received as object)) {
    const { numbers } = received as { numbers: number[] };
    if (numbers.some((each) => each !== Number(number))) throw new Error(`not whole: ${text}`);
  }
  return { sender: Number(sender), number: Number(number) };
}

/** What one receiver has had of each sender: later ones must come later. */
export class InOrder {
  readonly #last = new Map<number, number>();

  /** @throws Error when a message is not whole, or came before or twice */
  check(received: unknown): { sender: number; number: number } {
    const { sender, number } = readLetter(received);
    const last = this.#last.get(sender) ?? -1;
    if (number <= last) throw new Error(`of sender ${sender}: ${number} after ${last}`);
    this.#last.set(sender, number);
    return { sender, number };
  }
}
