import type { Lab, Process, Target, Thread } from 'ipc-lab';

/** The ways to run a function beside others, as the parameter of a fixture: `params: { way: STARTED }`. */
export const STARTED = { default: 'process', choices: ['process', 'thread'] };

/** Makes and starts what a fixture's parameter says. */
export function startAs<A extends unknown[]>(lab: Lab, way: string, target: Target<A>, ...args: A): Process | Thread {
  return way === 'thread' ? lab.startThread(target, ...args) : lab.start(target, ...args);
}

/** As {@link startAs}, without starting it. */
export function makeAs<A extends unknown[]>(lab: Lab, way: string, target: Target<A>, ...args: A): Process | Thread {
  return way === 'thread' ? lab.thread(target, ...args) : lab.process(target, ...args);
}
