import type { Lab, Process, Thread } from 'ipc-lab';
import type { Random } from '#src/core/random.js';
import { whoWaits } from '#src/lab/who-waits.js';
import { memoryOf } from '../inside.ts';
import { startAs } from '../start-as.ts';
import { type AnyDrill, type Board, MARK, mustHold, type Onlooker, pause } from './drill.ts';
import { type WorkArguments, work, workInside } from './work.ts';

/** The promise: whoever waited for one that died goes on within this time. */
const RECOVERY_MS = 2000;
/** Main looks each fraction of a millisecond: of a pause longer than this it was itself without a processor, and so were others. */
const LONGEST_LOOK_MS = 10;
/** How long a process may take to start; not what is asked here. */
const START_MS = 30_000;
/** One in so many deaths is that of one who was just starting, if there is any. */
const STARTING_DIES = 8;
/** How long all may take to end once they are to. */
const END_MS = 20_000;

interface Worker {
  readonly role: string;
  readonly index: number;
  readonly started: Process | Thread;
}

export interface CrewOptions {
  readonly lab: Lab;
  readonly way: string;
  readonly primitive: string;
  readonly drill: AnyDrill;
  readonly shared: object;
  readonly board: Board;
  readonly seed: number;
}

/** The workers of a drill: kills one and starts another in its place, and sees to it that those who are left go on. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #onlooker: Onlooker;
  #workers: Worker[] = [];
  #made = 0;

  constructor(options: CrewOptions) {
    this.#options = options;
    const { drill, shared, board } = options;
    this.#onlooker = drill.onlooker?.(shared, board) ?? {};
    for (const [role, count] of Object.entries(drill.roles)) for (let i = 0; i < count; i++) this.#start(role);
  }

  /** Waits until all are at work. */
  untilAllWork(): void {
    this.#untilEach(this.#workers, () => 0, START_MS);
  }

  /**
   * Kills one that is at work (half of the time one that is inside if there is any), or is still starting, starts another, and returns how long the slowest of those who
   * were at work took to go on. Others may just be starting, in the place of those that were killed before: starting takes longest.
   */
  killOne(random: Random): number {
    const { marks, doomed, progress } = this.#options.board;
    const starting = this.#workers.filter(({ index }) => progress.get(index) === 0);
    const mayDie = starting.length > 0 && random.below(STARTING_DIES) === 0 ? starting : this.#untilSomeMayDie();
    const inside = mayDie.filter(({ index }) => marks.get(index) === MARK.inside);
    const among = inside.length > 0 && random.below(2) === 0 ? inside : mayDie;
    const victim = among[random.below(among.length)] as Worker;
    doomed.set(victim.index, 1);
    const before = this.#options.board.progress.view().slice();
    victim.started.kill();
    victim.started.join();
    this.#workers = this.#workers.filter((each) => each !== victim);
    this.#onlooker.died?.(victim.index, marks.get(victim.index));
    const others = this.#workers.filter(({ index }) => before[index] !== 0);
    this.#start(victim.role);
    // Twice: the first may have been all but over when the other died.
    return this.#untilEach(others, (index) => (before[index] ?? 0) + 1, RECOVERY_MS);
  }

  /** Ends all, role after role, and looks whether everything is as it must be. */
  end(kills: number): void {
    this.#options.board.ending.set(0, 1);
    const started = performance.now();
    for (const role of Object.keys(this.#options.drill.roles)) {
      const left = this.#workers.filter((each) => each.role === role);
      while (
        !this.#options.lab.join(
          left.map((each) => each.started),
          5,
        )
      ) {
        mustHold(performance.now() - started < END_MS, () => this.#stuck(left, END_MS));
        this.#onlooker.tend?.(performance.now() - started);
        this.#onlooker.end?.(role);
      }
    }
    this.#onlooker.examine?.(kills);
  }

  /** Those at work of whose role enough are at work for the rest to go on without: of each role but one in two may be missing. */
  #untilSomeMayDie(): readonly Worker[] {
    const { drill, board } = this.#options;
    let found: readonly Worker[] = [];
    this.#look(START_MS, () => {
      const working = this.#workers.filter(({ index }) => board.progress.get(index) > 0);
      found = working.filter(({ role }) => {
        const count = drill.roles[role] ?? 0;
        return working.filter((each) => each.role === role).length >= Math.min(count, Math.ceil(count / 2) + 1);
      });
      return found.length > 0 ? [] : this.#workers;
    });
    return found;
  }

  #start(role: string): void {
    const { lab, way, primitive, shared, board, seed } = this.#options;
    const index = this.#made++;
    const args: WorkArguments = [primitive, shared, board, role, index, seed];
    const started = way === 'inside' ? lab.start(workInside, lab, ...args) : startAs(lab, way, work, ...args);
    this.#workers.push({ role, index, started });
  }

  /** Waits until each has got further than it was; returns how long that took, of the time in which main was given a processor. */
  #untilEach(workers: readonly Worker[], bound: (index: number) => number, mostMs: number): number {
    const { progress } = this.#options.board;
    let left = workers;
    return this.#look(mostMs, () => (left = left.filter(({ index }) => progress.get(index) <= bound(index))));
  }

  /** Looks again and again until nobody is waited for any more, and meanwhile does what only an onlooker can; returns how long that took. */
  #look(mostMs: number, waitedFor: () => readonly Worker[]): number {
    const { progress } = this.#options.board;
    let [passedMs, lastMs, lookedAt, all] = [0, 0, performance.now(), -1];
    for (let looks = 1; ; looks++) {
      const still = waitedFor();
      const now = performance.now();
      passedMs += Math.min(now - lookedAt, LONGEST_LOOK_MS);
      lookedAt = now;
      if (still.length === 0) return passedMs;
      const allNow = this.#workers.reduce((sum, { index }) => sum + progress.get(index), 0);
      if (allNow !== all) lastMs = passedMs;
      all = allNow;
      if (looks % 100 === 0) this.#refuseFailed();
      this.#onlooker.tend?.(passedMs - lastMs);
      mustHold(passedMs < mostMs, () => this.#stuck(still, mostMs));
      pause(0.2);
    }
  }

  #stuck(workers: readonly Worker[], ms: number): string {
    const names = workers.map(({ role, started }) => `${started.name} (${role})`);
    const { lines } = whoWaits(memoryOf(this.#options.board.ending));
    return [`no progress for ${ms} ms: ${names.join(', ')}`, ...lines].join('\n  ');
  }

  /** Throws what one has thrown that nobody has killed. */
  #refuseFailed(): void {
    const ended = this.#workers.filter(({ started }) => !started.isAlive);
    this.#options.lab.join(ended.map(({ started }) => started));
    mustHold(ended.length === 0, () => `${ended.map(({ role }) => role).join()} ended by itself`);
  }
}
