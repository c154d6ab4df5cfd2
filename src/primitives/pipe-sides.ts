/** The two things that one can do at the end of a pipe: send through one channel, receive from another. */
import { IpcError, isIpcError } from '../core/errors.ts';
import { natural } from '../core/natural.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { type AsyncWaitOptions, type Condition } from '../memory/waiting.ts';
import { Channel } from './channel.ts';
import type { Counterpart } from './channel-parts.ts';
import { bytesIn, discardMessage, type Message, messageOf, type Received, valueOf, withBallast } from './message.ts';
import type { RecordView } from './message-ring.ts';
import type { PipeEnd } from './pipe-end.ts';
import { hasPassed, isEndless } from '../memory/timeout.ts';

/** Room for the header of what is cloned. */
const RECORD_SLACK = 64;

/** One who holds an end of a pipe. */
export interface Party {
  readonly memory: LabMemory;
  /** The connection, as a byte offset and as people call it. */
  readonly offset: number;
  readonly theirs: PipeEnd;
  readonly label: () => string;
}

/** Looks at a record, and throws when it is to stay where it is. */
export type Accept = (record: RecordView) => void;

export class PipeWriter {
  readonly channel: Channel;
  readonly #party: Party;

  /** @param lane first cell of the channel to the other end */
  constructor(party: Party, lane: number) {
    this.#party = party;
    this.channel = channelOf(party, lane, 'put', () => {
      throw this.#broken();
    });
  }

  send(value: unknown, timeoutMs: number | undefined): void {
    const { memory } = this.#party;
    const message = this.#prepare(value);
    try {
      if (this.channel.tryPut(message)) return;
      const room = unlessAlone(this.#party, this.channel.room(message, timeoutMs), timeoutMs);
      if (memory.waiter.block(room, timeoutMs) === true) return;
      throw late(this.#party, 'send', timeoutMs);
    } catch (error) {
      discardMessage(message, memory);
      throw error;
    }
  }

  async sendAsync(value: unknown, options: AsyncWaitOptions): Promise<void> {
    const { memory } = this.#party;
    const message = this.#prepare(value);
    const sending = this.channel.roomInLine(message, options.timeoutMs);
    try {
      if (this.channel.tryPut(message)) return;
      await memory.waiter.blockAsync(sending, options);
      if (!sending.done) throw late(this.#party, 'send', options.timeoutMs);
    } catch (error) {
      // What is in is in, whatever ended the wait.
      if (sending.done) return;
      discardMessage(message, memory);
      throw error;
    }
  }

  #prepare(value: unknown): Message {
    const { memory, theirs } = this.#party;
    if (theirs.gone(false)) throw this.#broken();
    const mostBytes = this.channel.ring.largestRecordBytes - RECORD_SLACK;
    return withBallast(messageOf(value, memory, mostBytes, 'the message'), mostBytes, memory);
  }

  #broken(): IpcError {
    return new IpcError('ERR_IPC_BROKEN_PIPE', `${this.#party.label()} cannot send: nobody has the other end any more`);
  }
}

export class PipeReader {
  readonly channel: Channel;
  readonly #party: Party;

  /** @param lane first cell of the channel from the other end */
  constructor(party: Party, lane: number) {
    this.#party = party;
    this.channel = channelOf(party, lane, 'get', () => {
      // Whoever is gone may have sent something just before.
      if (this.channel.ring.empty) throw this.#ended();
    });
  }

  /** Whether a wait would be over at once. */
  get ready(): boolean {
    return !this.channel.ring.empty || this.#party.theirs.gone(false);
  }

  receive(timeoutMs: number | undefined, accept?: Accept): unknown {
    const { memory } = this.#party;
    const wait = (): Received | undefined => {
      const something = this.channel.something(timeoutMs, accept);
      return memory.waiter.block(unlessAlone(this.#party, something, timeoutMs), timeoutMs);
    };
    return this.#valueOf(this.#take(accept) ?? wait(), timeoutMs);
  }

  async receiveAsync(options: AsyncWaitOptions, accept?: Accept): Promise<unknown> {
    const { timeoutMs } = options;
    const received =
      (this.channel.othersWait ? undefined : this.#take(accept)) ??
      (await this.#party.memory.waiter.blockAsync(this.channel.somethingInLine(timeoutMs, accept), options));
    return this.#valueOf(received, timeoutMs);
  }

  poll(timeoutMs: number): boolean {
    if (this.ready) return true;
    if (hasPassed(timeoutMs)) return false;
    try {
      const anything = unlessAlone(this.#party, this.channel.anything(timeoutMs), timeoutMs);
      return this.#party.memory.waiter.block(anything, timeoutMs) === true;
    } catch (error) {
      return answered(error);
    }
  }

  async pollAsync(options: AsyncWaitOptions): Promise<boolean> {
    const { timeoutMs = 0 } = options;
    if (this.ready) return true;
    if (hasPassed(timeoutMs)) return false;
    try {
      return (await this.#party.memory.waiter.blockAsync(this.channel.anything(timeoutMs), options)) === true;
    } catch (error) {
      return answered(error);
    }
  }

  /** What leaves a message where it is that is no bytes, or too many. */
  bytesOnly(maxLength?: number): Accept {
    if (maxLength !== undefined) natural('the most bytes to receive', maxLength);
    const { memory, label } = this.#party;
    return (record) => {
      const length = bytesIn(record, memory);
      if (length === undefined) {
        throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `the next message in ${label()} is no bytes`, {
          hint: 'It is still there: recv() takes messages of all kinds.',
        });
      }
      if (maxLength === undefined || length <= maxLength) return;
      throw new IpcError(
        'ERR_IPC_OUT_OF_RANGE',
        `the next message in ${label()} has ${length} bytes, more than ${maxLength}`,
        { hint: 'It is still there: receive it with a larger maximum.' },
      );
    };
  }

  #take(accept: Accept | undefined): Received | undefined {
    const received = this.channel.tryTake(accept);
    if (received !== undefined || !this.#party.theirs.gone(false)) return received;
    const last = this.channel.tryTake(accept);
    if (last === undefined) throw this.#ended();
    return last;
  }

  #valueOf(received: Received | undefined, timeoutMs: number | undefined): unknown {
    if (received === undefined) throw late(this.#party, 'receive', timeoutMs);
    return valueOf(received, this.#party.memory);
  }

  #ended(): IpcError {
    return new IpcError(
      'ERR_IPC_END_OF_FILE',
      `${this.#party.label()} has come to its end: nobody has the other end any more`,
    );
  }
}

function channelOf(party: Party, lane: number, side: 'put' | 'get', gone: () => void): Channel {
  const counterpart: Counterpart = {
    verbs: { put: 'send', get: 'receive' },
    check: (_demand, thorough) => {
      if (party.theirs.gone(thorough)) gone();
    },
  };
  return new Channel(party.memory, lane, party.offset, party.label, counterpart, [side]);
}

/** While this process is blocked it cannot itself use the other end: a wait for ever that depends on it alone is refused. */
function unlessAlone<R>(party: Party, condition: Condition<R>, timeoutMs: number | undefined): Condition<R> {
  if (!isEndless(timeoutMs)) return condition;
  const check = condition.check.bind(condition);
  return Object.assign(condition, {
    check: (thorough: boolean) => {
      check(thorough);
      if (!party.theirs.mineAlone(thorough)) return;
      throw new IpcError('ERR_IPC_NOBODY_LEFT', `nobody but this process has the other end of ${party.label()}`, {
        hint: 'Close the end that you do not use once the other process has it: then its death is an end of file.',
      });
    },
  });
}

/** The end of file answers a poll. */
function answered(error: unknown): true {
  if (isIpcError(error, 'ERR_IPC_END_OF_FILE')) return true;
  throw error;
}

function late(party: Party, verb: string, timeoutMs: number | undefined): IpcError {
  return new IpcError('ERR_IPC_TIMEOUT', `${party.label()} could not ${verb} within ${timeoutMs} ms`);
}

/** What is said to who asks for the other direction of a one-way pipe. */
export function oneWay(label: string, does: string, verb: string): IpcError {
  return new IpcError('ERR_IPC_UNSUPPORTED', `${label} only ${does}: it cannot ${verb}`, {
    hint: 'Use the other end of the pipe, or make it with { duplex: true }.',
  });
}
