/**
 * How often processes can tell each other something and hear back, as a scenario. With an event, a condition or a pipe one asks and another
 * answers; at a barrier all meet. Nothing but the telling is done.
 */
import type { Barrier } from '../primitives/barrier.ts';
import type { Condition } from '../primitives/condition.ts';
import type { Connection } from '../primitives/connection.ts';
import type { Event } from '../primitives/event.ts';
import type { RawValue } from '../primitives/raw-value.ts';
import { scenario } from '../scenario/define.ts';
import { count, rateOf, TURNS, type Window } from './window.ts';

interface Events {
  readonly asked: Event;
  readonly answered: Event;
  readonly over: RawValue;
}

interface Turns {
  readonly condition: Condition;
  /** 1 while it is the turn of who answers. */
  readonly turn: RawValue;
  readonly over: RawValue;
}

interface Rounds {
  readonly barrier: Barrier;
  /** Number of the last round, written before it; 0 while nobody knows. */
  readonly last: RawValue;
}

export default scenario({
  name: 'bench-rounds',
  title: 'Round trips, measured',
  teaches: [],
  params: {
    what: { default: 'event', choices: ['event', 'condition', 'barrier', 'pipe'] },
    processes: { default: 2, min: 2, max: 64 },
    bytes: { default: 0, min: 0 },
    warmUpMs: { default: 100, min: 0 },
    windowMs: { default: 100, min: 1 },
  },
  run(lab, { what, processes, bytes, warmUpMs, windowMs }) {
    const window: Window = { counts: lab.rawArray('d', 2), warmUpMs, windowMs };
    const over = lab.rawValue('i', 0);
    if (what === 'event') {
      const events: Events = { asked: lab.event(), answered: lab.event(), over };
      lab.join([lab.start(answerByEvent, events), lab.start(askByEvent, events, window)]);
    } else if (what === 'condition') {
      const turns: Turns = { condition: lab.condition(), turn: lab.rawValue('i', 0), over };
      lab.join([lab.start(answerInTurn, turns), lab.start(askInTurn, turns, window)]);
    } else if (what === 'barrier') {
      const rounds: Rounds = { barrier: lab.barrier(processes), last: lab.rawValue('i', 0) };
      lab.join([...lab.startMany(processes - 1, follow, rounds), lab.start(lead, rounds, window)]);
    } else {
      const [near, far] = lab.pipe();
      lab.join([lab.start(echo, far), lab.start(askByPipe, near, bytes, window)]);
    }
    return rateOf(window);
  },
});

/** Sets one event, waits for the other. */
export function askByEvent({ asked, answered, over }: Events, window: Window): void {
  count(0, window, () => {
    for (let i = 0; i < TURNS; i++) {
      asked.set();
      answered.wait();
      answered.clear();
    }
  });
  over.value = 1;
  asked.set();
}

/** Waits for the one event, sets the other. */
export function answerByEvent({ asked, answered, over }: Events): void {
  for (;;) {
    asked.wait();
    if (over.value === 1) return;
    asked.clear();
    answered.set();
  }
}

/** Gives the turn away and waits until it comes back. */
export function askInTurn({ condition, turn, over }: Turns, window: Window): void {
  const mine = (): boolean => turn.value === 0;
  const ask = (): void => {
    turn.value = 1;
    condition.notify();
    condition.waitFor(mine);
  };
  count(0, window, () => {
    for (let i = 0; i < TURNS; i++) condition.with(ask);
  });
  condition.with(() => {
    over.value = 1;
    turn.value = 1;
    condition.notify();
  });
}

/** Waits for the turn and gives it back. */
export function answerInTurn({ condition, turn, over }: Turns): void {
  const mine = (): boolean => turn.value === 1;
  const answer = (): void => {
    condition.waitFor(mine);
    turn.value = 0;
    condition.notify();
  };
  while (over.value === 0) condition.with(answer);
}

/** Comes to each round, and says which is the last. */
export function lead({ barrier, last }: Rounds, window: Window): void {
  let round = 0;
  count(0, window, () => {
    for (let i = 0; i < TURNS; i++) {
      barrier.wait();
      round++;
    }
  });
  last.value = round + 1;
  barrier.wait();
}

/** Comes to each round until the last. */
export function follow({ barrier, last }: Rounds): void {
  for (let round = 1; ; round++) {
    barrier.wait();
    if (last.value === round) return;
  }
}

/** Sends bytes and waits until they come back. */
export function askByPipe(near: Connection, bytes: number, window: Window): void {
  const message = new Uint8Array(bytes);
  count(0, window, () => {
    for (let i = 0; i < TURNS; i++) {
      near.sendBytes(message);
      near.recvBytes();
    }
  });
  near.sendBytes(new Uint8Array(0));
}

/** Sends back what comes, until that is nothing. */
export function echo(far: Connection): void {
  for (let message = far.recvBytes(); message.length > 0; message = far.recvBytes()) far.sendBytes(message);
}
