/**
 * Starts and reaps the processes of a lab, on request. It lives in the supervisor's event loop and never blocks.
 *
 * A request is a slot in state `requested`; a byte on any process's doorbell says that there is one. Each process gets a process group of its
 * own (so that a Ctrl-C in the terminal reaches the supervisor alone, and so that whatever it spawns by itself can be ended with it), pipes
 * for its output, the lab's memory as a descriptor, and the write end of a doorbell.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import os from 'node:os';
import type { Readable } from 'node:stream';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SLOT_STATE } from '../memory/slot-layout.ts';
import { Orphans } from './orphans.ts';
import { discardTask, type ProcessRecord, recordOf, takeLastWords } from './process-record.ts';
import { ThreadRecords } from './thread-records.ts';

export type OutputStream = 'stdout' | 'stderr';

export interface SpawnEvents {
  /** A process wrote something. Returning false pauses all output until {@link SpawnServer.resumeOutput}. */
  output(record: ProcessRecord, stream: OutputStream, chunk: Buffer): boolean;
  started(record: ProcessRecord): void;
  /** A process has ended and all its output has come. */
  ended(record: ProcessRecord): void;
}

interface Living {
  readonly record: ProcessRecord;
  readonly child: ChildProcess;
}

/** How long the output of a process that has ended may stay open without anything coming. */
const LINGER_MS = 250;
/** How long a daemon has to end whose parent has ended. */
const DAEMON_GRACE_MS = 300;

export class SpawnServer {
  readonly records: ProcessRecord[] = [];
  readonly #memory: LabMemory;
  readonly #childScript: string;
  readonly #events: SpawnEvents;
  readonly #living = new Map<number, Living>();
  readonly #threads: ThreadRecords;
  readonly #orphans: Orphans;
  #accepting = true;
  #paused = false;
  #whenEmpty: (() => void) | undefined;

  /** @param childScript what a requested process runs, as a path. */
  constructor(memory: LabMemory, childScript: string, events: SpawnEvents) {
    this.#memory = memory;
    this.#childScript = childScript;
    this.#events = events;
    this.#threads = new ThreadRecords(memory, this.records, ({ id }) => this.#endDaemonsOf(id));
    this.#orphans = new Orphans(memory);
  }

  /** Starts a process of the supervisor's own, with a script of its own. */
  start(name: string, script: string, task: unknown): ProcessRecord {
    const { slots, self } = this.#memory;
    const id = slots.claim(name, self, false);
    slots.setArgs(id, this.#memory.put(task, `the task of ${name}`));
    slots.setTime(id, 'requestedAt', this.#memory.nowMs());
    slots.advance(id, SLOT_STATE.requested);
    return this.#spawn(id, script);
  }

  get livingCount(): number {
    return this.#living.size;
  }

  /** Lets output flow again. */
  resumeOutput(): void {
    this.#paused = false;
    for (const { child } of this.#living.values()) {
      child.stdout?.resume();
      child.stderr?.resume();
    }
  }

  /** Ends all processes but the given: first asks them to (SIGTERM), then, after `graceMs`, does it. Resolves when all have ended. */
  async endAll(graceMs: number): Promise<void> {
    this.#accepting = false;
    if (this.#living.size === 0) return;
    const empty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
    this.resumeOutput();
    if (graceMs > 0) this.#signalAll('SIGTERM');
    const timer = setTimeout(() => this.#signalAll('SIGKILL'), graceMs);
    await empty;
    clearTimeout(timer);
  }

  #signalAll(signal: 'SIGTERM' | 'SIGKILL'): void {
    for (const { record, child } of this.#living.values()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      record.endedBySupervisor = true;
      signalGroup(record.pid, signal);
    }
  }

  #serveRequests(): void {
    this.#threads.look();
    if (!this.#accepting) return;
    const { slots } = this.#memory;
    for (const id of slots.idsIn(SLOT_STATE.requested)) {
      // Whoever asked for it may have been killed before we heard of it.
      if (slots.state(slots.parent(id)) !== SLOT_STATE.ended) this.#spawn(id, this.#childScript);
      else this.#notWanted(id);
    }
  }

  #spawn(id: number, script: string): ProcessRecord {
    const { slots, segment } = this.#memory;
    const child = spawnOrError(process.execPath, [script, String(id), slots.name(id)], {
      stdio: ['ignore', 'pipe', 'pipe', segment.descriptor, 'pipe'],
      detached: true,
    });
    const record = recordOf(this.#memory, id, child instanceof Error ? 0 : (child.pid ?? 0));
    this.records.push(record);
    if (child instanceof Error) {
      // Not at once: the caller does not have the record yet.
      process.nextTick(() => this.#notSpawned(record, child));
      return record;
    }
    if (child.pid === undefined) {
      child.once('error', (error) => this.#notSpawned(record, error));
      return record;
    }
    this.#living.set(id, { record, child });
    child.on('error', () => {});
    slots.setTime(id, 'spawnedAt', this.#memory.nowMs());
    slots.spawned(id, child.pid);
    for (const stream of ['stdout', 'stderr'] as const) this.#listen(record, stream, child[stream]);
    const doorbell = child.stdio[4] as Readable;
    doorbell.on('data', () => this.#serveRequests());
    doorbell.on('error', () => {});
    child.once('exit', (exitCode, signal) => {
      this.#exited(record, exitCode, signal);
      this.#closeWhenQuiet(child);
    });
    child.once('close', () => this.#closed(record));
    this.#events.started(record);
    return record;
  }

  #listen(record: ProcessRecord, name: OutputStream, stream: Readable | null): void {
    stream?.on('error', () => {});
    stream?.on('data', (chunk: Buffer) => {
      if (this.#events.output(record, name, chunk) || !this.#accepting) return;
      this.#paused = true;
      for (const { child } of this.#living.values()) {
        child.stdout?.pause();
        child.stderr?.pause();
      }
    });
  }

  #exited(record: ProcessRecord, exitCode: number | null, signal: NodeJS.Signals | null): void {
    const { slots } = this.#memory;
    // What it spawned by itself and left behind goes with it.
    signalGroup(record.pid, 'SIGKILL');
    record.exitCode = exitCode;
    record.signal = signal;
    takeLastWords(this.#memory, record);
    // Before anybody can join it: who has finds memory as it was before.
    this.#memory.reap(record.id);
    slots.ended(record.id, exitCode ?? undefined, signal === null ? 0 : os.constants.signals[signal]);
    this.#threads.endWith(record);
    this.#memory.announceEnd(record.id);
    this.#endDaemonsOf(record.id);
  }

  #endDaemonsOf(parent: number): void {
    if (!this.#accepting) return;
    for (const id of this.#orphans.of(parent)) {
      const daemon = this.#living.get(id);
      if (daemon === undefined) continue;
      signalGroup(daemon.record.pid, 'SIGTERM');
      const timer = setTimeout(() => signalGroup(daemon.record.pid, 'SIGKILL'), DAEMON_GRACE_MS);
      daemon.child.once('exit', () => clearTimeout(timer));
    }
  }

  /**
   * Closes the output of a process that has ended, once nothing more comes: a program that it spawned into a group of its own may hold it
   * open for ever, and nobody should wait for that. While the run is ending, nobody waits for it to fall silent either.
   */
  #closeWhenQuiet(child: ChildProcess): void {
    const streams = child.stdio.filter((stream) => stream !== null && stream !== undefined);
    const received = (): number =>
      streams.reduce((sum, stream) => sum + ((stream as Partial<Socket>).bytesRead ?? 0), 0);
    let before = -1;
    let ticks = 0;
    const timer = setInterval(() => {
      if (this.#paused) return;
      const now = received();
      if (now === before || (!this.#accepting && ++ticks > 2)) for (const stream of streams) stream.destroy();
      before = now;
    }, LINGER_MS);
    child.once('close', () => clearInterval(timer));
  }

  #closed(record: ProcessRecord): void {
    this.#living.delete(record.id);
    this.#events.ended(record);
    if (this.#living.size === 0) this.#whenEmpty?.();
  }

  #notWanted(id: number): void {
    const { slots } = this.#memory;
    discardTask(this.#memory, id);
    slots.ended(id, undefined, os.constants.signals.SIGKILL);
  }

  #notSpawned(record: ProcessRecord, error: Error): void {
    const { slots } = this.#memory;
    takeLastWords(this.#memory, record);
    record.error = error.message;
    slots.setError(record.id, this.#memory.put(error.message, 'the reason'));
    slots.ended(record.id, undefined, 0);
    this.#closed(record);
  }
}

/** Some failures come back from `spawn` as an event, others are thrown. */
function spawnOrError(command: string, args: readonly string[], options: SpawnOptions): ChildProcess | Error {
  try {
    return spawn(command, args, options);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Signals a process and whatever is left of its group. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in it.
  }
}
