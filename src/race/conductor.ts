import { IpcError } from '../core/errors.ts';
import type { Lab } from '../lab/lab.ts';
import type { RawArray } from '../primitives/raw-array.ts';
import type { Process } from '../process/process.ts';
import type { HandOffReport, RacerReport, ShareReport } from '../report/race.ts';
import { ACTION, type Board, makeBoard, ORDER } from './board.ts';
import { countLost } from './count.ts';
import { HAND_OFF_CELLS, PLAY, readSteps } from './hand-off.ts';
import type { LockKinds } from './lock-kinds.ts';
import { LOG_CELLS, type ReadRun, readRuns } from './read-log.ts';

/** The function that racers run, exported by the module that is the race's scenario. */
export type RacerFunction = (board: Board, log: RawArray<'i'>, self: number) => void;

/** One trial, counted. */
export interface Trial {
  readonly expected: number;
  readonly actual: number;
  readonly lost: number;
  readonly wallMs: number;
}

const FORCED_TRIES = 10;
const CANARY_ITERATIONS = 1000;
/** How long main waits for a racer before it looks whether all are alive. */
const LOOK_MS = 100;

/** Leads the processes of a race through trials and hand-offs; see board.ts. Used in the main process only, which it blocks. */
export class Conductor {
  readonly #lab: Lab;
  readonly #kinds: LockKinds;
  readonly #board: Board;
  readonly #logs: readonly RawArray<'i'>[];
  readonly #racers: readonly Process[];
  readonly #count: number;

  /** Starts the processes: as many as race, and at least the two of a hand-off. */
  constructor(lab: Lab, kinds: LockKinds, racer: RacerFunction, count: number) {
    const started = Math.max(2, count);
    this.#lab = lab;
    this.#kinds = kinds;
    this.#count = count;
    this.#board = makeBoard(lab, started, kinds, HAND_OFF_CELLS);
    this.#logs = Array.from({ length: started }, (_, i) => lab.rawArray('i', LOG_CELLS, { name: `log ${i + 1}` }));
    this.#racers = this.#logs.map((log, i) => lab.start(racer, this.#board, log, i));
  }

  /** Who the racers are. */
  get racers(): RacerReport[] {
    return this.#racers.map(({ name, pid = 0 }) => ({ name, pid }));
  }

  /** All increment a fresh counter, and what arrived is counted. */
  trial(kind: string, iterations: number): Trial {
    this.#board.counter.value = 0;
    this.#race(kind, iterations);
    return { ...this.#counted(this.#count * iterations), wallMs: this.#wallMs() };
  }

  /**
   * Whether the count would notice: races with a loss planted, in the configuration that is to be credited. Returns how many updates it
   * found missing of one that is.
   */
  canary(kind: string): { readonly planted: number; readonly caught: number } {
    this.#board.counter.value = 0;
    this.#race(kind, CANARY_ITERATIONS);
    this.#handOff(kind, PLAY.planted);
    return { planted: 1, caught: this.#counted(this.#count * CANARY_ITERATIONS + 2).lost };
  }

  /** Stops one process between load and store and lets another work meanwhile, if the kind lets it. Undefined: the kind has no such window. */
  forced(kind: string): HandOffReport | undefined {
    if (this.#kinds[kind]?.divisible !== true) return undefined;
    const play = this.#board.guards[kind] === undefined ? PLAY.open : PLAY.guarded;
    let first: Omit<HandOffReport, 'tries' | 'triesWithLoss'> | undefined;
    let triesWithLoss = 0;
    for (let i = 0; i < FORCED_TRIES; i++) {
      this.#board.counter.value = 0;
      this.#handOff(kind, play);
      const counted = this.#counted(2);
      if (counted.lost !== 0) triesWithLoss++;
      first ??= {
        ...counted,
        processes: this.racers.slice(0, 2) as [RacerReport, RacerReport],
        steps: readSteps(this.#board.steps).map(({ racer, ...step }) => ({ process: racer, ...step })),
      };
    }
    return first && { ...first, tries: FORCED_TRIES, triesWithLoss };
  }

  /** What all racers read in the last trial. */
  reads(): ReadRun[] {
    return this.#logs.slice(0, this.#count).flatMap((log, i) => readRuns(i, log.view()));
  }

  /** What each had of the last trial. */
  shares(iterations: number): ShareReport[] {
    return this.racers.slice(0, this.#count).map((racer, i) => ({
      ...racer,
      increments: iterations,
      wallMs: this.#board.times.get(2 * i + 1) - this.#board.times.get(2 * i),
      interruptions: Math.max(0, (this.#logs[i]?.get(0) ?? 0) - 1),
    }));
  }

  /** Sends all racers home and waits for them. */
  finish(): void {
    this.#order(ACTION.goHome, '', 0, 0, 0);
    this.#lab.join(this.#racers);
    // What they wrote down is not part of the result.
    for (const log of this.#logs) log.close();
  }

  #race(kind: string, iterations: number): void {
    this.#order(ACTION.race, kind, this.#count, iterations, 0);
  }

  #handOff(kind: string, play: number): void {
    this.#order(ACTION.handOff, kind, 2, 0, play);
  }

  #order(action: number, kind: string, racers: number, iterations: number, play: number): void {
    const { order, go, done, ready, start, stopped, used, steps } = this.#board;
    ready.value = 0;
    for (const event of [start, stopped, used]) event.clear();
    steps.set(0, 0);
    order.set(ORDER.action, action);
    order.set(ORDER.kind, Object.keys(this.#kinds).indexOf(kind));
    order.set(ORDER.racers, racers);
    order.set(ORDER.iterations, iterations);
    order.set(ORDER.play, play);
    for (const permit of go) permit.release();
    if (action === ACTION.goHome) return;
    for (let left = this.#racers.length; left > 0; left--) while (!done.acquire(LOOK_MS)) this.#refuseDead();
  }

  #counted(expected: number): Omit<Trial, 'wallMs'> {
    const actual = this.#board.counter.value;
    return { expected, actual, lost: countLost(expected, actual) };
  }

  #wallMs(): number {
    const times = Array.from({ length: this.#count }, (_, i) => i);
    const started = Math.min(...times.map((i) => this.#board.times.get(2 * i)));
    return Math.max(...times.map((i) => this.#board.times.get(2 * i + 1))) - started;
  }

  #refuseDead(): void {
    const dead = this.#racers.find((racer) => !racer.isAlive);
    if (dead === undefined) return;
    throw new IpcError('ERR_IPC_CHILD_FAILED', `${dead.name} (pid ${dead.pid}) ended in the middle of the race`);
  }
}
