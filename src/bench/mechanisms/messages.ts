import type { Mechanism } from '../mechanism.ts';
import { messagePeer, messages, requests, roundPeer, rounds, type Told } from '../variants.ts';

const LARGE = 65_536;
const ROUND: Told = { what: 'pipe', processes: 2, bytes: 64 };
const RING: Told = { what: 'ring', processes: 2, bytes: LARGE };

/** Messages, bytes and requests. */
export const MESSAGES: readonly Mechanism[] = [
  {
    name: 'queue',
    about: "'hello 0 times' through a Queue, producers → one consumer, messages a second",
    variants: [1, 4].map((processes) =>
      messages({ what: 'queue', processes, how: `${processes} to 1` }, [
        messagePeer({ what: 'simple-queue', processes }, 'Python SimpleQueue'),
        messagePeer({ what: 'queue', processes }, 'Python Queue'),
      ]),
    ),
  },
  {
    name: 'queue-64k',
    about: '64 KiB of bytes through a Queue, one producer, one consumer, messages a second',
    variants: [
      messages({ what: 'queue', processes: 1, bytes: LARGE }, [
        messagePeer({ what: 'simple-queue', processes: 1, bytes: LARGE }, 'Python SimpleQueue'),
        messagePeer({ what: 'queue', processes: 1, bytes: LARGE }, 'Python Queue'),
      ]),
    ],
  },
  {
    name: 'pipe-rounds',
    about: '64 bytes through a pipe and back, round trips a second',
    variants: [rounds(ROUND, [roundPeer(ROUND, 'Python Pipe')])],
  },
  {
    name: 'pipe',
    about: 'bytes through a pipe, one way, messages a second',
    variants: (
      [
        [64, '64 bytes'],
        [LARGE, '64 KiB'],
      ] as const
    ).map(([bytes, how]) =>
      messages({ what: 'pipe', processes: 2, bytes, how }, [
        messagePeer({ what: 'pipe', processes: 2, bytes }, 'Python Pipe(duplex=False)'),
        messagePeer({ what: 'pipe-duplex', processes: 2, bytes }, 'Python Pipe()'),
      ]),
    ),
  },
  {
    name: 'shared-memory-ring',
    about:
      'blocks of 64 KiB copied into SharedMemory and out of it, eight in a circle, two semaphores, blocks a second',
    variants: [messages(RING, [messagePeer(RING, 'Python SharedMemory')])],
  },
  {
    name: 'manager-requests',
    about: "requests a second to a manager's dict; Python's clients cannot have more than one under way",
    variants: [1, 2, 8].flatMap((processes) =>
      (
        [
          ['dict-set', 'set, waiting'],
          ['dict-get', 'get, waiting'],
          ['dict-pipelined', 'get, 100 together'],
        ] as const
      ).map(([what, how]) =>
        requests({ what, processes, how }, [
          messagePeer({ what: what === 'dict-set' ? 'dict-set' : 'dict-get', processes }, 'Python manager dict'),
        ]),
      ),
    ),
  },
];
