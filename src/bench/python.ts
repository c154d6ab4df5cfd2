/** The Python to compare with, and how its half of the benchmark is run. */
import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Sample } from './mechanism.ts';
import { runToEnd } from './wall-clock.ts';

/** Not compiled, so they are found by their place in the package: bundled or not, this module is three folders below. */
const PEERS = fileURLToPath(new URL('../../../bench/peers/', import.meta.url));
/** The system's own first: what a version manager puts in front of it adds up to 70 ms to every start. */
const SYSTEM_PYTHON = '/usr/bin/python3';

export interface Python {
  readonly path: string;
  readonly version: string;
}

/** Finds a Python 3 that can share memory; undefined when there is none. */
export async function findPython(): Promise<Python | undefined> {
  for (const path of [SYSTEM_PYTHON, 'python3']) {
    try {
      if (path === SYSTEM_PYTHON) accessSync(path, constants.X_OK);
      const { stdout } = await runToEnd(path, [
        '-c',
        'import sys, multiprocessing.sharedctypes; multiprocessing.get_context("fork"); print(sys.version.split()[0])',
      ]);
      return { path, version: stdout.trim() };
    } catch {
      // Not there, or built without what it takes: the next one.
    }
  }
  return undefined;
}

/** A script of Python's half. */
export type PeerScript = 'loops' | 'messages' | 'programs' | 'rounds';

/** Has Python do its half of something, and reads the metrics it prints. */
export async function askPeer(
  python: Python,
  script: PeerScript,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<Sample> {
  const { stdout } = await runToEnd(python.path, peerArguments(script, args), signal);
  const metrics = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  return Object.fromEntries(metrics.map(([metric, value]) => [metric, Number(value)]));
}

/** How long Python takes for a whole program, start to end. */
export async function timePeer(python: Python, args: readonly string[], signal?: AbortSignal): Promise<Sample> {
  return { 'wall clock': (await runToEnd(python.path, peerArguments('programs', args), signal)).ms };
}

/** It is not to leave compiled scripts in the package. */
function peerArguments(script: PeerScript, args: readonly string[]): string[] {
  return ['-B', `${PEERS}${script}.py`, ...args];
}
