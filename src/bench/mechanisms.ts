/** Every mechanism that is measured: how it runs through ipc-lab, and what it is compared with. */
import { fileURLToPath } from 'node:url';
import type { LoopName } from './loop-programs.ts';
import type { Mechanism, Peer, Sample, SampleSettings, Variant } from './mechanism.ts';
import { runOwnProgram } from './own-program.ts';
import { askPeer, timePeer } from './python.ts';
import { runToEnd } from './wall-clock.ts';

const BIN = fileURLToPath(new URL('../../../bin/ipc-lab.js', import.meta.url));

export const MECHANISMS: readonly Mechanism[] = [
  {
    name: 'locked-increments',
    about: 'counter.value += 1 on a RawValue, under a Lock taken each time',
    variants: [1, 2].flatMap((processes) => [
      loop('acquire-release-increment', processes, 'acquire, release', [
        loopPeer('raw-value-lock', processes, 'Python RawValue, acquire, release'),
        loopPeer('raw-value-with-lock', processes, 'Python RawValue, with lock'),
        loopPeer('value-get-lock', processes, 'Python Value, with get_lock()'),
      ]),
      loop('using-hold-increment', processes, 'using hold()', [
        loopPeer('raw-value-with-lock', processes, 'Python RawValue, with lock'),
        loopPeer('value-get-lock', processes, 'Python Value, with get_lock()'),
      ]),
    ]),
  },
  {
    name: 'acquire-release',
    about: 'a Lock taken and given back, nobody else there',
    variants: [loop('acquire-release', 1, undefined, [loopPeer('acquire-release', 1, 'Python Lock')])],
  },
  {
    name: 'unlocked-increments',
    about: 'counter.value += 1 on a RawValue, without a lock: updates get lost',
    variants: [1, 2].map((processes) =>
      loop('increment', processes, undefined, [loopPeer('raw-value', processes, 'Python RawValue')]),
    ),
  },
  {
    name: 'atomic-add',
    about:
      "an atomic addition to a cell, from inside: ipc-lab has no public atomic yet, and Python's multiprocessing none",
    variants: [1, 2].map((processes) => loop('atomic-add', processes, undefined, [])),
  },
  {
    name: 'square-array',
    about: '1,000,000 ints of a RawArray squared in place under a Lock, elements a second',
    variants: (
      [
        ['square-elements', 'get and set'],
        ['square-view', 'view()'],
      ] as const
    ).map(([name, how]) => ({
      ...loop(name, 1, how, [
        loopPeer('array-get-obj', 1, 'Python Array, get_obj()'),
        loopPeer('array-elements', 1, 'Python Array, a[i]'),
      ]),
      size: 1_000_000,
    })),
  },
  {
    name: 'queue',
    about: "'hello 0 times' through a Queue, producers → one consumer, messages a second",
    variants: [1, 4].map((producers) =>
      messages('queue', producers, 0, `${producers} to 1`, [
        messagePeer('simple-queue', producers, 0, 'Python SimpleQueue'),
        messagePeer('queue', producers, 0, 'Python Queue'),
      ]),
    ),
  },
  {
    name: 'queue-64k',
    about: '64 KiB of bytes through a Queue, one producer, one consumer, messages a second',
    variants: [
      {
        ...messages('queue', 1, 65_536, undefined, [
          messagePeer('simple-queue', 1, 65_536, 'Python SimpleQueue'),
          messagePeer('queue', 1, 65_536, 'Python Queue'),
        ]),
        size: 65_536,
      },
    ],
  },
  {
    name: 'manager-requests',
    about: "requests a second to a manager's dict; Python's clients cannot have more than one under way",
    variants: [1, 2, 8].flatMap((clients) =>
      (
        [
          ['dict-set', 'set, waiting'],
          ['dict-get', 'get, waiting'],
          ['dict-pipelined', 'get, 100 together'],
        ] as const
      ).map(([what, how]) =>
        messages(what, clients, 0, how, [
          messagePeer(what === 'dict-set' ? 'dict-set' : 'dict-get', clients, 0, 'Python manager dict'),
        ]),
      ),
    ),
  },
  {
    name: 'explore',
    about: 'schedules a second of lost-update without its lock, real processes, three steps each',
    variants: [
      schedules(2, '20,000 at random', ['--random', '20000', '--seed', '1']),
      schedules(3, 'all 1,680', ['--no-reduction']),
    ],
  },
  {
    name: 'process-start',
    about: "from start() to the child's first message",
    variants: [
      {
        processes: 1,
        metrics: ['latency'],
        cold: true,
        sample: ({ signal }) => runOwnProgram('start-program', {}, signal),
        peers: [startPeer('spawn'), startPeer('fork')],
      },
    ],
  },
  {
    name: 'bare-start',
    about: 'an empty program: what nothing below can beat',
    variants: [
      wallClock('node -e 0', ['-e', '0'], undefined, [
        { name: 'python3 -c pass', sample: ({ path }, { signal }) => timed(path, ['-c', 'pass'], undefined, signal) },
      ]),
    ],
  },
  {
    name: 'list',
    about: 'ipc-lab list, the whole command',
    variants: [
      wallClock(undefined, [BIN, 'list'], 'value-array', [
        {
          name: 'python3 -c "import multiprocessing"',
          sample: ({ path }, { signal }) => timed(path, ['-c', 'import multiprocessing'], undefined, signal),
        },
      ]),
    ],
  },
  ...(
    [
      ['value-array', '3.1415927'],
      ['raw-counter', '10000'],
      ['manager-dict', '"9":81'],
      ['queue-greetings', 'hello 2 times'],
      ['mmap', 'Hello'],
    ] as const
  ).map(
    ([name, result]): Mechanism => ({
      name,
      about: `ipc-lab run ${name}, the whole command, beside the same tutorial program`,
      variants: [
        wallClock(undefined, [BIN, 'run', name, '--json'], result, [
          programPeer(name, 'spawn'),
          programPeer(name, 'fork'),
        ]),
      ],
    }),
  ),
];

function loop(name: LoopName, processes: number, how: string | undefined, peers: readonly Peer[]): Variant {
  return {
    ...(how === undefined ? {} : { how }),
    processes,
    metrics: processes > 1 ? ['throughput', 'fairness'] : ['throughput'],
    sample: ({ warmUpMs, windowMs, signal }) =>
      runOwnProgram('loop-programs', { loop: name, processes, 'warm-up-ms': warmUpMs, 'window-ms': windowMs }, signal),
    peers,
  };
}

function loopPeer(name: string, processes: number, label: string): Peer {
  return {
    name: label,
    sample: (python, { warmUpMs, windowMs, signal }) =>
      askPeer(python, ['loop', name, ...[processes, warmUpMs / 4, windowMs].map(String)], signal),
  };
}

function messages(
  what: string,
  processes: number,
  bytes: number,
  how: string | undefined,
  peers: readonly Peer[],
): Variant {
  return {
    ...(how === undefined ? {} : { how }),
    processes,
    metrics: ['throughput'],
    sample: ({ warmUpMs, windowMs, signal }) =>
      runOwnProgram(
        'message-programs',
        { what, processes, bytes, 'warm-up-ms': warmUpMs, 'window-ms': windowMs },
        signal,
      ),
    peers,
  };
}

function messagePeer(what: string, processes: number, bytes: number, label: string): Peer {
  return {
    name: label,
    sample: (python, { warmUpMs, windowMs, signal }) =>
      askPeer(python, ['messages', what, ...[processes, bytes, warmUpMs / 4, windowMs].map(String)], signal),
  };
}

function schedules(processes: number, how: string, flags: readonly string[]): Variant {
  const args = [BIN, 'explore', 'lost-update', '--no-lock', '--processes', String(processes), ...flags, '--json'];
  return {
    how,
    processes,
    metrics: ['throughput'],
    sample: async ({ signal }) => {
      const { stdout } = await runToEnd(process.execPath, args, signal);
      const { schedulesPerSec } = JSON.parse(stdout) as { readonly schedulesPerSec: number };
      return { throughput: schedulesPerSec };
    },
    peers: [],
  };
}

function startPeer(method: 'spawn' | 'fork'): Peer {
  return { name: `Python, ${method}`, sample: (python, { signal }) => askPeer(python, ['start', method], signal) };
}

function programPeer(name: string, method: 'spawn' | 'fork'): Peer {
  return {
    name: `Python, ${method}`,
    sample: (python, { signal }) => timePeer(python, ['program', name, method], signal),
  };
}

function wallClock(
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
