/**
 * What the processes of a race share, and how the main process leads them through it. They are started once and then wait for orders, so
 * that a race can be repeated, with and without a lock, without paying for their start again.
 *
 * ```
 * main                                      racers
 * fills `order`, clears the cells
 * round += 1, wakes all                →    see the round change, read the order
 *                                           ready += 1, spin until all are ready     the start line
 *                                           race, note their times and what they read
 * sees finished = all                  ←    finished += 1; the last one wakes main
 * ```
 *
 * `order` is written plainly: SYNC POINT round-begun, the store to `round`, publishes it; SYNC POINT round-done, the additions to `finished`,
 * publishes what the racers wrote. Who waits, sleeps in slices of 100 ms. A racer that dies is noticed by main, which then fails, and with main
 * the whole lab ends; so racers need not look after each other.
 */
import type { Lab } from '../lab/lab.ts';
import type { RawArray } from '../primitives/raw-array.ts';
import type { RawValue } from '../primitives/raw-value.ts';
import type { Guard, LockKinds } from './lock-kinds.ts';

/** What an order tells racers to do. */
export const ACTION = { goHome: 0, race: 1, handOff: 2 } as const;

/** Where each part of an order stands. */
export const ORDER = { action: 0, kind: 1, racers: 2, iterations: 3, play: 4 } as const;

/** Shared by all. */
export interface Board {
  readonly counter: RawValue<'i'>;
  readonly round: RawValue<'i'>;
  readonly order: RawArray<'i'>;
  readonly ready: RawValue<'i'>;
  /** How many gave up spinning at the start line and sleep. */
  readonly asleep: RawValue<'i'>;
  /** How many are done with the round: all of them, also those who had nothing to do in it. */
  readonly finished: RawValue<'i'>;
  /** Per racer when it left the start line and when it was done, in milliseconds. */
  readonly times: RawArray<'d'>;
  /** Whose turn it is in a hand-off. */
  readonly baton: RawValue<'i'>;
  /** The steps of a hand-off; see hand-off.ts. */
  readonly steps: RawArray<'i'>;
  /** By kind; only those that have one. */
  readonly guards: Readonly<Record<string, Guard>>;
}

/** Makes the board for races of some kinds. */
export function makeBoard(lab: Lab, racers: number, kinds: LockKinds, stepCells: number): Board {
  const cell = (name: string): RawValue<'i'> => lab.rawValue('i', 0, { name });
  const guards: Record<string, Guard> = {};
  for (const [name, kind] of Object.entries(kinds)) if (kind.guard !== undefined) guards[name] = kind.guard(lab);
  return {
    counter: cell('counter'),
    round: cell('round'),
    order: lab.rawArray('i', Object.keys(ORDER).length, { name: 'order' }),
    ready: cell('ready'),
    asleep: cell('asleep'),
    finished: cell('finished'),
    times: lab.rawArray('d', 2 * racers, { name: 'times' }),
    baton: cell('baton'),
    steps: lab.rawArray('i', stepCells, { name: 'steps' }),
    guards,
  };
}
