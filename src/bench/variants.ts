/** The ways of measuring: what a row of a mechanism runs of ours, and beside it. */
import { fileURLToPath } from 'node:url';
import type { LoopName } from './loop-programs.ts';
import type { Peer, Sample, SampleSettings, Variant } from './mechanism.ts';
import { type OwnProgram, runOwnProgram } from './own-program.ts';
import { askPeer, type PeerScript, timePeer } from './python.ts';
import { runToEnd } from './wall-clock.ts';

/** The command itself: bundled or not, this module is three folders below. */
export const BIN = fileURLToPath(new URL('../../../bin/ipc-lab.js', import.meta.url));

/** What a program of a family is told. */
export interface Told {
  readonly what: string;
  readonly processes: number;
  readonly bytes?: number;
  readonly how?: string;
}

/** A loop that every process repeats. */
export function loop(name: LoopName, processes: number, how: string | undefined, peers: readonly Peer[]): Variant {
  return {
    ...(how === undefined ? {} : { how }),
    processes,
    metrics: processes > 1 ? ['throughput', 'fairness'] : ['throughput'],
    sample: ({ warmUpMs, windowMs, signal }) =>
      runOwnProgram('loop-programs', { loop: name, processes, 'warm-up-ms': warmUpMs, 'window-ms': windowMs }, signal),
    peers,
  };
}

export function loopPeer(name: string, processes: number, label: string): Peer {
  return {
    name: label,
    sample: (python, { warmUpMs, windowMs, signal }) =>
      askPeer(python, 'loops', [name, ...[processes, warmUpMs / 4, windowMs].map(String)], signal),
  };
}

/** Messages from processes to one. */
export function messages(told: Told, peers: readonly Peer[]): Variant {
  return rate('message-programs', told, peers);
}

/** Requests of clients. */
export function requests({ what, processes, how }: Told, peers: readonly Peer[]): Variant {
  return {
    ...(how === undefined ? {} : { how }),
    processes,
    metrics: ['throughput'],
    sample: ({ warmUpMs, windowMs, signal }) =>
      runOwnProgram('request-programs', { what, processes, 'warm-up-ms': warmUpMs, 'window-ms': windowMs }, signal),
    peers,
  };
}

export function messagePeer(told: Told, label: string): Peer {
  return ratePeer('messages', told, label);
}

/** Processes that tell each other something and wait until they hear back. */
export function rounds(told: Told, peers: readonly Peer[]): Variant {
  return { ...rate('round-programs', told, peers), inTurn: true };
}

export function roundPeer(told: Told, label: string): Peer {
  return ratePeer('rounds', told, label);
}

/** A whole command or program of Node. */
export function wallClock(
  how: string | undefined,
  args: readonly string[],
  mustPrint: string | undefined,
  peers: readonly Peer[],
): Variant {
  return {
    ...(how === undefined ? {} : { how }),
    processes: 1,
    metrics: ['wall clock'],
    cold: true,
    sample: ({ signal }: SampleSettings) => timed(process.execPath, args, mustPrint, signal),
    peers,
  };
}

/** Python with some arguments, from its start to its end. */
export function pythonPeer(label: string, args: readonly string[]): Peer {
  return { name: label, sample: ({ path }, { signal }) => timed(path, args, undefined, signal) };
}

/** A whole program of Python's half. */
export function programPeer(name: string, method: 'spawn' | 'fork'): Peer {
  return { name: `Python, ${method}`, sample: (python, { signal }) => timePeer(python, [name, method], signal) };
}

function rate(program: OwnProgram, { what, processes, bytes = 0, how }: Told, peers: readonly Peer[]): Variant {
  return {
    ...(how === undefined ? {} : { how }),
    processes,
    ...(bytes === 0 ? {} : { size: bytes }),
    metrics: ['throughput'],
    sample: ({ warmUpMs, windowMs, signal }) =>
      runOwnProgram(program, { what, processes, bytes, 'warm-up-ms': warmUpMs, 'window-ms': windowMs }, signal),
    peers,
  };
}

function ratePeer(script: PeerScript, { what, processes, bytes = 0 }: Told, label: string): Peer {
  return {
    name: label,
    sample: (python, { warmUpMs, windowMs, signal }) =>
      askPeer(python, script, [what, ...[processes, bytes, warmUpMs / 4, windowMs].map(String)], signal),
  };
}

/** Times a program, and does not believe it unless it printed what it must. */
async function timed(
  command: string,
  args: readonly string[],
  mustPrint: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Sample> {
  const { ms, stdout } = await runToEnd(command, args, signal);
  if (mustPrint !== undefined && !stdout.includes(mustPrint)) {
    throw new Error(`${[command, ...args].join(' ')} did not print ${mustPrint}`);
  }
  return { 'wall clock': ms };
}
