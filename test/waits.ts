/**
 * Every way to wait for another process or thread, blocking and not, as a table: what is waited for, how, and what the other does to end it.
 * A primitive that one can wait for belongs in here.
 */
import type {
  AsyncWaitOptions,
  Barrier,
  Condition,
  Connection,
  ErrorCode,
  Event,
  Holdable,
  Lab,
  LifoQueue,
  Primitive,
  RwLock,
  Semaphore,
} from 'ipc-lab';
import { ALL_LOCK_KINDS, makeHoldable } from './any-lock.ts';

export interface Wait<P = unknown> {
  make(lab: Lab): P;
  /** What the other does before there is anything to wait for. */
  begin?(made: P): void;
  wait(made: P, timeoutMs?: number): unknown;
  waitAsync(made: P, options: AsyncWaitOptions): Promise<unknown>;
  /** What the other does, and the wait is over. */
  end(made: P): void;
  /** What it takes to go on after a wait that was given up. */
  mend?(made: P): void;
  /** What stands in the table of who waits for what; the thing itself unless told. */
  waitedFor?(made: P): Primitive;
  /** What a wait returns, or the code that it throws, when the time has passed. */
  readonly late: false | ErrorCode;
  /** What it returns when it was ended in time. */
  readonly got: unknown;
}

/** The table holds waits for things of many types. */
function as<P>(wait: Wait<P>): Wait {
  return wait;
}

const LOCKS = ALL_LOCK_KINDS.map((kind): readonly [string, Wait] => [
  kind,
  as<Holdable>({
    make: (lab) => makeHoldable(lab, kind),
    begin: (lock) => void lock.acquire(),
    wait: (lock, timeoutMs) => lock.acquire(timeoutMs),
    waitAsync: (lock, options) => lock.acquireAsync(options),
    end: (lock) => lock.release(),
    late: false,
    got: true,
  }),
]);

const SEMAPHORES = (['semaphore', 'boundedSemaphore'] as const).map((kind): readonly [string, Wait] => [
  kind === 'semaphore' ? 'Semaphore' : 'BoundedSemaphore',
  as<Semaphore>({
    make: (lab) => lab[kind](1),
    begin: (semaphore) => void semaphore.acquire(),
    wait: (semaphore, timeoutMs) => semaphore.acquire(timeoutMs),
    waitAsync: (semaphore, options) => semaphore.acquireAsync(options),
    end: (semaphore) => semaphore.release(),
    late: false,
    got: true,
  }),
]);

const SYNC: readonly (readonly [string, Wait])[] = [
  [
    'RwLock, to read',
    as<RwLock>({
      make: (lab) => lab.rwlock(),
      begin: (lock) => void lock.acquireWrite(),
      wait: (lock, timeoutMs) => lock.acquireRead(timeoutMs),
      waitAsync: (lock, options) => lock.acquireReadAsync(options),
      end: (lock) => lock.releaseWrite(),
      late: false,
      got: true,
    }),
  ],
  [
    'RwLock, to write',
    as<RwLock>({
      make: (lab) => lab.rwlock(),
      begin: (lock) => void lock.acquireRead(),
      wait: (lock, timeoutMs) => lock.acquireWrite(timeoutMs),
      waitAsync: (lock, options) => lock.acquireWriteAsync(options),
      end: (lock) => lock.releaseRead(),
      late: false,
      got: true,
    }),
  ],
  [
    'Event',
    as<Event>({
      make: (lab) => lab.event(),
      wait: (event, timeoutMs) => event.wait(timeoutMs),
      waitAsync: (event, options) => event.waitAsync(options),
      end: (event) => event.set(),
      late: false,
      got: true,
    }),
  ],
  [
    'Condition',
    as<Condition>({
      make: (lab) => lab.condition(),
      wait: (condition, timeoutMs) => condition.with(() => condition.wait(timeoutMs)),
      waitAsync: (condition, options) => condition.with(() => condition.waitAsync(options)),
      end: (condition) => condition.with(() => condition.notify()),
      late: false,
      got: true,
    }),
  ],
  [
    'Condition, for a predicate',
    as<{ condition: Condition; come: Event }>({
      make: (lab) => ({ condition: lab.condition(), come: lab.event() }),
      wait: ({ condition, come }, timeoutMs) =>
        condition.with(() => condition.waitFor(() => come.isSet && 'come', timeoutMs)),
      waitAsync: ({ condition, come }, options) =>
        condition.with(() => condition.waitForAsync(() => come.isSet && 'come', options)),
      end: ({ condition, come }) =>
        condition.with(() => {
          come.set();
          condition.notifyAll();
        }),
      waitedFor: ({ condition }) => condition,
      late: false,
      got: 'come',
    }),
  ],
  [
    'Barrier',
    as<Barrier>({
      make: (lab) => lab.barrier(2),
      wait: (barrier, timeoutMs) => barrier.wait({ timeoutMs }),
      waitAsync: (barrier, options) => barrier.waitAsync(options),
      end: (barrier) => void barrier.wait(),
      mend: (barrier) => barrier.reset(),
      late: 'ERR_IPC_BROKEN_BARRIER',
      got: 0,
    }),
  ],
];

/** What all queues have, whatever their messages look like. */
interface AnyQueue extends Primitive {
  put(value: unknown, timeoutMs?: number): void;
  putAsync(value: unknown, options?: AsyncWaitOptions): Promise<void>;
  tryPut(value: unknown): boolean;
  get(timeoutMs?: number): unknown;
  getAsync(options?: AsyncWaitOptions): Promise<unknown>;
}
type AnyJoinable = AnyQueue & Pick<LifoQueue, 'join' | 'joinAsync' | 'taskDone'>;

/** As large as it must be for few of them to fill a simple queue. */
const LARGE = [1, 'x'.repeat(10_000)];

const QUEUES: Readonly<Record<string, (lab: Lab) => AnyQueue>> = {
  Queue: (lab) => lab.queue({ capacity: 1 }),
  JoinableQueue: (lab) => lab.joinableQueue({ capacity: 1 }),
  SimpleQueue: (lab) => lab.simpleQueue(),
  LifoQueue: (lab) => lab.lifoQueue({ capacity: 1 }),
  PriorityQueue: (lab) => lab.priorityQueue({ capacity: 1 }),
};

const GETS = Object.entries(QUEUES).map(([kind, make]): readonly [string, Wait] => [
  `${kind}, get`,
  as<AnyQueue>({
    make,
    wait: (queue, timeoutMs) => queue.get(timeoutMs),
    waitAsync: (queue, options) => queue.getAsync(options),
    end: (queue) => queue.put([1, 'message']),
    late: 'ERR_IPC_EMPTY',
    got: [1, 'message'],
  }),
]);

const PUTS = Object.entries(QUEUES).map(([kind, make]): readonly [string, Wait] => [
  `${kind}, put`,
  as<AnyQueue>({
    make(lab) {
      const queue = make(lab);
      while (queue.tryPut(LARGE));
      return queue;
    },
    wait: (queue, timeoutMs) => queue.put(LARGE, timeoutMs),
    waitAsync: (queue, options) => queue.putAsync(LARGE, options),
    end: (queue) => void queue.get(),
    late: 'ERR_IPC_FULL',
    got: undefined,
  }),
]);

const JOINS = ['JoinableQueue', 'LifoQueue', 'PriorityQueue'].map((kind): readonly [string, Wait] => [
  `${kind}, join`,
  as<AnyJoinable>({
    make(lab) {
      const queue = QUEUES[kind]?.(lab) as AnyJoinable;
      queue.put([1, 'work']);
      return queue;
    },
    begin: (queue) => void queue.get(),
    wait: (queue, timeoutMs) => queue.join(timeoutMs),
    waitAsync: (queue, options) => queue.joinAsync(options),
    end: (queue) => queue.taskDone(),
    late: false,
    got: true,
  }),
]);

interface Ends {
  readonly ours: Connection;
  readonly theirs: Connection;
}
function makePipe(lab: Lab): Ends {
  const [ours, theirs] = lab.pipe({ capacityBytes: 1024 });
  return { ours, theirs };
}
const MESSAGE = 'x'.repeat(100);

const PIPES: readonly (readonly [string, Wait])[] = [
  [
    'Connection, recv',
    as<Ends>({
      make: makePipe,
      wait: ({ ours }, timeoutMs) => ours.recv(timeoutMs),
      waitAsync: ({ ours }, options) => ours.recvAsync(options),
      end: ({ theirs }) => theirs.send('message'),
      waitedFor: ({ ours }) => ours,
      late: 'ERR_IPC_TIMEOUT',
      got: 'message',
    }),
  ],
  [
    'Connection, poll',
    as<Ends>({
      make: makePipe,
      wait: ({ ours }, timeoutMs = Infinity) => ours.poll(timeoutMs),
      waitAsync: ({ ours }, options) => ours.pollAsync({ timeoutMs: Infinity, ...options }),
      end: ({ theirs }) => theirs.send('message'),
      waitedFor: ({ ours }) => ours,
      late: false,
      got: true,
    }),
  ],
  [
    'Connection, send',
    as<Ends>({
      make(lab) {
        const ends = makePipe(lab);
        // Eight of them are more than it holds.
        for (let i = 0; i < 8; i++) ends.ours.sendAsync(MESSAGE, { timeoutMs: 0 }).catch(() => undefined);
        return ends;
      },
      wait: ({ ours }, timeoutMs) => ours.send(MESSAGE, timeoutMs),
      waitAsync: ({ ours }, options) => ours.sendAsync(MESSAGE, options),
      end({ theirs }) {
        while (theirs.poll()) theirs.recv();
      },
      waitedFor: ({ ours }) => ours,
      late: 'ERR_IPC_TIMEOUT',
      got: undefined,
    }),
  ],
];

/** All of them, by what is waited for. */
export const WAITS: ReadonlyMap<string, Wait> = new Map([
  ...LOCKS,
  ...SEMAPHORES,
  ...SYNC,
  ...GETS,
  ...PUTS,
  ...JOINS,
  ...PIPES,
]);
