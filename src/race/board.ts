/**
 * What the processes of a race share, and how the main process leads them through it. They are started once and then wait for orders, so
 * that a race can be repeated, with and without a lock, without paying for their start again.
 *
 * ```
 * main                                      racers
 * fills `order`, clears the rest
 * releases the `go` of each            →    acquire it, read the order
 *                                           ready += 1, spin until all are ready     the start line
 *                                           race, note their times and what they read
 * acquires `done` for each             ←    release `done`
 * ```
 *
 * `order` and what racers write are plain; the permits publish them. A racer that dies is noticed by main, which then fails, and with main the
 * whole lab ends; so racers need not look after each other.
 */
import type { Event } from '../primitives/event.ts';
import type { Lab } from '../lab/lab.ts';
import type { RawArray } from '../primitives/raw-array.ts';
import type { RawValue } from '../primitives/raw-value.ts';
import type { Semaphore } from '../primitives/semaphore.ts';
import type { Guard, LockKinds } from './lock-kinds.ts';

/** What an order tells racers to do. */
export const ACTION = { goHome: 0, race: 1, handOff: 2 } as const;

/** Where each part of an order stands. */
export const ORDER = { action: 0, kind: 1, racers: 2, iterations: 3, play: 4 } as const;

/** Shared by all. */
export interface Board {
  readonly counter: RawValue<'i'>;
  readonly order: RawArray<'i'>;
  /** A permit for each order, by racer. */
  readonly go: readonly Semaphore[];
  /** A permit from each racer that is done with an order, also those who had nothing to do in it. */
  readonly done: Semaphore;
  /** How many are at the start line. */
  readonly ready: RawValue<'i'>;
  /** All are. */
  readonly start: Event;
  /** Per racer when it left the start line and when it was done, in milliseconds. */
  readonly times: RawArray<'d'>;
  /** In a hand-off: A is stopped in its window. */
  readonly stopped: Event;
  /** In a hand-off: B has used it. */
  readonly used: Event;
  /** The steps of a hand-off; see hand-off.ts. */
  readonly steps: RawArray<'i'>;
  /** By kind; only those that have one. */
  readonly guards: Readonly<Record<string, Guard>>;
}

/** Makes the board for races of some kinds. */
export function makeBoard(lab: Lab, racers: number, kinds: LockKinds, stepCells: number): Board {
  const guards: Record<string, Guard> = {};
  for (const [name, kind] of Object.entries(kinds)) if (kind.guard !== undefined) guards[name] = kind.guard(lab);
  return {
    counter: lab.rawValue('i', 0, { name: 'counter' }),
    order: lab.rawArray('i', Object.keys(ORDER).length, { name: 'order' }),
    go: Array.from({ length: racers }, (_, i) => lab.semaphore(0, { name: `go ${i + 1}` })),
    done: lab.semaphore(0, { name: 'done' }),
    ready: lab.rawValue('i', 0, { name: 'ready' }),
    start: lab.event({ name: 'start' }),
    times: lab.rawArray('d', 2 * racers, { name: 'times' }),
    stopped: lab.event({ name: 'stopped' }),
    used: lab.event({ name: 'used' }),
    steps: lab.rawArray('i', stepCells, { name: 'steps' }),
    guards,
  };
}
