import type { Mechanism, Peer, Variant } from '../mechanism.ts';
import { runOwnProgram } from '../own-program.ts';
import { askPeer } from '../python.ts';
import { BIN, programPeer, pythonPeer, wallClock } from '../variants.ts';
import { runToEnd } from '../wall-clock.ts';

/** Processes and whole commands. */
export const COMMANDS: readonly Mechanism[] = [
  {
    name: 'explore',
    about: 'schedules a second of lost-update without its lock, real processes, three steps each',
    variants: [
      schedules(2, '20,000 at random', ['--random', '20000', '--seed', '1']),
      // Actors that have just started run slowly; all 1,680 are over before they are fast.
      schedules(3, '20,000 at random', ['--random', '20000', '--seed', '1']),
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
    variants: [wallClock('node -e 0', ['-e', '0'], undefined, [pythonPeer('python3 -c pass', ['-c', 'pass'])])],
  },
  {
    name: 'list',
    about: 'ipc-lab list, the whole command',
    variants: [
      wallClock(undefined, [BIN, 'list'], 'value-array', [
        pythonPeer('python3 -c "import multiprocessing"', ['-c', 'import multiprocessing']),
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
  return {
    name: `Python, ${method}`,
    sample: (python, { signal }) => askPeer(python, 'programs', ['start', method], signal),
  };
}
