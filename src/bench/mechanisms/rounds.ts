import type { Mechanism } from '../mechanism.ts';
import { type Told, roundPeer, rounds } from '../variants.ts';

const EVENT: Told = { what: 'event', processes: 2 };
const CONDITION: Told = { what: 'condition', processes: 2 };
const BARRIER: Told = { what: 'barrier', processes: 4 };

/** Telling another process, and waiting until it has answered. */
export const ROUNDS: readonly Mechanism[] = [
  {
    name: 'event-rounds',
    about: 'one process sets an Event, the other waits for it and sets a second one: round trips a second',
    variants: [rounds(EVENT, [roundPeer(EVENT, 'Python Event')])],
  },
  {
    name: 'condition-rounds',
    about: 'two processes give each other the turn under a Condition: round trips a second',
    variants: [rounds(CONDITION, [roundPeer(CONDITION, 'Python Condition')])],
  },
  {
    name: 'barrier-rounds',
    about: 'processes meet at a Barrier again and again, rounds a second',
    variants: [rounds(BARRIER, [roundPeer(BARRIER, 'Python Barrier')])],
  },
];
