/** The rates at which bytes and messages go from processes to another one, as a scenario: it takes out what they put in. */
import { isIpcError } from '../core/errors.ts';
import type { Lab } from '../lab/lab.ts';
import type { Connection } from '../primitives/connection.ts';
import type { Queue } from '../primitives/queue.ts';
import type { RawValue } from '../primitives/raw-value.ts';
import type { Semaphore } from '../primitives/semaphore.ts';
import type { SharedMemory } from '../primitives/shared-memory.ts';
import { scenario } from '../scenario/define.ts';
import { count, rateOf, TURNS, type Window } from './window.ts';

/** How long a producer waits for room before it looks whether it is still wanted. */
const PATIENCE_MS = 20;
/** Blocks of a ring in shared memory. */
const BLOCKS = 8;

/** Blocks of bytes in shared memory, written and read in a circle; permits say how many may be. */
interface Ring {
  readonly memory: SharedMemory;
  readonly blockBytes: number;
  readonly free: Semaphore;
  readonly full: Semaphore;
}

export default scenario({
  name: 'bench-messages',
  title: 'Messages, measured',
  teaches: [],
  params: {
    what: { default: 'queue', choices: ['queue', 'pipe', 'ring'] },
    processes: { default: 1, min: 1, max: 64 },
    bytes: { default: 0, min: 0 },
    warmUpMs: { default: 100, min: 0 },
    windowMs: { default: 100, min: 1 },
  },
  run(lab, { what, processes, bytes, warmUpMs, windowMs }) {
    const window: Window = { counts: lab.rawArray('d', 2), warmUpMs, windowMs };
    if (what === 'queue') throughQueue(lab, processes, bytes, window);
    else if (what === 'pipe') throughPipe(lab, bytes, window);
    else throughRing(lab, bytes, window);
    return rateOf(window);
  },
});

function throughQueue(lab: Lab, producers: number, bytes: number, window: Window): void {
  const queue = lab.queue();
  const over = lab.rawValue('i', 0);
  const started = lab.startMany(producers, produce, queue, bytes, over);
  lab.join(lab.start(consume, queue, over, window));
  lab.join(started);
}

function throughPipe(lab: Lab, bytes: number, window: Window): void {
  const [reader, writer] = lab.pipe({ duplex: false });
  const children = [lab.start(sendAll, writer, bytes), lab.start(receive, reader, window)];
  reader.close();
  writer.close();
  lab.join(children);
}

function throughRing(lab: Lab, blockBytes: number, window: Window): void {
  const memory = lab.sharedMemory({ create: true, sizeBytes: BLOCKS * blockBytes });
  const ring: Ring = { memory, blockBytes, free: lab.semaphore(BLOCKS), full: lab.semaphore(0) };
  const over = lab.rawValue('i', 0);
  lab.join([lab.start(fill, ring, over), lab.start(empty, ring, over, window)]);
}

/** Runs in each producer of a queue. */
export function produce(queue: Queue, bytes: number, over: RawValue): void {
  const message = bytes === 0 ? 'hello 0 times' : new Uint8Array(bytes);
  while (over.value === 0) {
    try {
      for (let i = 0; i < TURNS; i++) queue.put(message, PATIENCE_MS);
    } catch (error) {
      if (!isIpcError(error, 'ERR_IPC_FULL')) throw error;
    }
  }
}

/** Runs in the consumer of a queue. */
export function consume(queue: Queue, over: RawValue, window: Window): void {
  count(0, window, () => {
    for (let i = 0; i < TURNS; i++) queue.get();
  });
  over.value = 1;
}

/** Runs at the end of a pipe that sends, until nobody receives any more. */
export function sendAll(writer: Connection, bytes: number): void {
  const message = new Uint8Array(bytes);
  try {
    for (;;) writer.sendBytes(message);
  } catch (error) {
    if (!isIpcError(error, 'ERR_IPC_BROKEN_PIPE')) throw error;
  }
}

/** Runs at the end that receives. */
export function receive(reader: Connection, window: Window): void {
  count(0, window, () => {
    for (let i = 0; i < TURNS; i++) reader.recvBytes();
  });
  reader.close();
}

/** Runs in who writes the blocks of a ring. */
export function fill({ memory, blockBytes, free, full }: Ring, over: RawValue): void {
  const block = new Uint8Array(blockBytes).fill(1);
  const view = memory.view('B');
  for (let at = 0; over.value === 0; at = (at + blockBytes) % view.length) {
    if (!free.acquire(PATIENCE_MS)) continue;
    view.set(block, at);
    full.release();
  }
}

/** Runs in who reads them. */
export function empty({ memory, blockBytes, free, full }: Ring, over: RawValue, window: Window): void {
  const block = new Uint8Array(blockBytes);
  const view = memory.view('B');
  let at = 0;
  count(0, window, () => {
    for (let i = 0; i < TURNS; i++) {
      full.acquire();
      block.set(view.subarray(at, at + blockBytes));
      free.release();
      at = (at + blockBytes) % view.length;
    }
  });
  over.value = 1;
}
