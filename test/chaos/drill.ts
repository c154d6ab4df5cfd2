/**
 * What a primitive is put through while its users are killed: workers in roles that use it as long as they live, and an onlooker, the main
 * process, which does what only one can do who knows of a death, and says in the end what must hold.
 */
import type { Lab, RawArray } from 'ipc-lab';
import type { Random } from '#src/core/random.js';

/** What each worker says of itself; an element for each worker there ever is. */
export interface Board {
  /** How often it has got through. */
  readonly progress: RawArray<'i'>;
  /** One of MARK. */
  readonly marks: RawArray<'i'>;
  /** Written by main: 1 from just before the worker is killed. */
  readonly doomed: RawArray<'i'>;
  /** Written by main: 1 once nobody is killed any more, and all are to end. */
  readonly ending: RawArray<'i'>;
}

/** How a worker stands to what it uses. */
export const MARK = { outside: 0, enters: 1, inside: 2, leaves: 3 } as const;

/** A worker as it sees itself. */
export interface Self {
  readonly role: string;
  readonly index: number;
  readonly random: Random;
  readonly board: Board;
  /** Says how it stands. */
  readonly mark: (mark: number) => void;
}

/** What came of one use: it got through; nothing did, and it is to be tried again; there will never be anything more. */
export type Came = 'through' | 'nowhere' | 'to the end';

export interface Onlooker {
  /** A worker was killed and is gone; `mark` is how it stood. */
  died?(index: number, mark: number): void;
  /** Called again and again while others are to go on; nobody has got through for so long. */
  tend?(idleMs: number): void;
  /** Called again and again until all workers of a role have ended; the roles end in their order. */
  end?(role: string): void;
  /** Throws when something is not as it must be after all have ended. */
  examine?(kills: number): void;
}

export interface Drill<S = never> {
  /** How many workers there are of each role, in the order in which they end. */
  readonly roles: Readonly<Record<string, number>>;
  /** Roles whose workers go on until there is nothing more, whatever the board says. */
  readonly endless?: readonly string[];
  /** Makes what is shared. @param most how many workers there will ever be */
  make(lab: Lab, most: number): S;
  /** Uses it once. */
  act(shared: S, self: Self): Came | Promise<Came>;
  onlooker?(shared: S, board: Board): Onlooker;
  /** What so many killed workers may have taken along at most, in bytes; without it nothing. */
  lostBytes?(kills: number): number;
}

/** A drill whatever it shares: the table of drills does not care. */
export type AnyDrill = Drill<object>;

/** Forgets what a drill shares, so that all can stand in one table. */
export function drill<S extends object>(of: Drill<S>): AnyDrill {
  return of;
}

/** @throws Error with what is wrong, unless it is right */
export function mustHold(right: boolean, wrong: () => string): void {
  if (!right) throw new Error(wrong());
}

/** Lets a random while pass, busy or asleep. */
export function linger(random: Random): void {
  if (random.below(2) === 0) for (let turns = random.below(4000); turns > 0; turns--);
  else pause(random.next() * 2);
}

export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
