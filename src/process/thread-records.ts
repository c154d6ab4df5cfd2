/** What the supervisor remembers of threads: it starts and reaps none, and learns of them from their slots. */
import os from 'node:os';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SLOT_STATE } from '../memory/slot-layout.ts';
import { signalName } from './signal-name.ts';
import { type ProcessRecord, recordOf, takeLastWords } from './process-record.ts';

export class ThreadRecords {
  readonly #memory: LabMemory;
  readonly #records: ProcessRecord[];
  readonly #ended: (record: ProcessRecord) => void;
  /** By slot id; those that have ended are only in the list of all. */
  readonly #living = new Map<number, ProcessRecord>();

  /** @param records where those of threads are entered, in the order in which they are seen. @param ended called when one has ended. */
  constructor(memory: LabMemory, records: ProcessRecord[], ended: (record: ProcessRecord) => void) {
    this.#memory = memory;
    this.#records = records;
    this.#ended = ended;
  }

  /** Enters the threads that are new, and notes the end of those that have ended. */
  look(): void {
    const { slots, threads } = this.#memory;
    for (const id of slots.ids()) {
      if (slots.host(id) === 0 || threads.isNoted(id)) continue;
      const record = this.#living.get(id) ?? this.#enter(id);
      if (slots.state(id) === SLOT_STATE.ended) this.#note(record);
    }
  }

  /** A process has ended, and its threads with it. */
  endWith({ id: host, exitCode, signal, endedBySupervisor }: ProcessRecord): void {
    const { slots } = this.#memory;
    this.look();
    for (const record of this.#living.values()) {
      if (slots.host(record.id) !== host) continue;
      slots.ended(record.id, exitCode ?? undefined, signal === null ? 0 : os.constants.signals[signal]);
      record.endedBySupervisor = endedBySupervisor;
      this.#note(record);
      this.#memory.bells.disarm(record.id);
    }
  }

  #enter(id: number): ProcessRecord {
    const record = recordOf(this.#memory, id, this.#memory.slots.pid(id));
    this.#living.set(id, record);
    this.#records.push(record);
    return record;
  }

  #note(record: ProcessRecord): void {
    const { slots, threads } = this.#memory;
    const { id } = record;
    this.#living.delete(id);
    record.exitCode = slots.exitCode(id) ?? null;
    record.signal = signalName(slots.signal(id)) ?? null;
    takeLastWords(this.#memory, record);
    this.#memory.reap(id);
    threads.note(id);
    this.#ended(record);
  }
}
