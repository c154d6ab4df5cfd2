/**
 * Queues and pipes: what arrives is whole, and of each sender in its order. A killed sender takes at most one message along, and a killed
 * receiver at most one.
 */
import {
  type OsPipe,
  type Connection,
  isIpcError,
  type JoinableQueue,
  type Lab,
  type QueueLike,
  type RawArray,
} from 'ipc-lab';
import { type AnyDrill, type Came, drill, MARK, mustHold, type Self } from '../drill.ts';
import { InOrder, letter, readLetter } from '../letters.ts';

const RING_BYTES = 32 * 1024;
/** What the table of a queue with an order of its own has grown by, twice at most, and what a process leaves that is killed in the middle of that. */
const GROWN_BYTES = 16 * 1024;

const ROLES = { sender: 2, receiver: 2 };

/** How many messages each worker has sent, and received. */
interface Post {
  readonly sent: RawArray<'i'>;
  readonly had: RawArray<'i'>;
}

type AnyQueue = QueueLike<unknown>;
type QueueWithJoin = AnyQueue & Pick<JoinableQueue, 'join' | 'taskDone' | 'unfinished'>;

interface Queued extends Post {
  readonly queue: AnyQueue;
}

interface QueueKind {
  make(lab: Lab): AnyQueue;
  /** Whether one says when one is done. */
  readonly joins?: boolean;
  /** Whether what a sender has sent comes in another order. */
  readonly disorders?: boolean;
  /** Makes pairs of priority and letter: the sooner sent, the more urgent, so that what a sender has sent comes in its order. */
  readonly ranks?: boolean;
}

const CAPACITY = 50;

const QUEUES = {
  Queue: { make: (lab) => lab.queue({ sizeBytes: RING_BYTES, capacity: CAPACITY }) },
  JoinableQueue: { make: (lab) => lab.joinableQueue({ sizeBytes: RING_BYTES }), joins: true },
  SimpleQueue: { make: (lab) => lab.simpleQueue() },
  LifoQueue: { make: (lab) => lab.lifoQueue({ capacity: CAPACITY }), joins: true, disorders: true },
  PriorityQueue: { make: (lab) => lab.priorityQueue({ capacity: CAPACITY }), joins: true, ranks: true },
} satisfies Record<string, QueueKind>;

export function queueDrill(name: keyof typeof QUEUES): AnyDrill {
  const kind: QueueKind = QUEUES[name];
  return drill<Queued>({
    roles: kind.joins === true ? { ...ROLES, joiner: 1 } : ROLES,
    endless: ['receiver'],
    lostBytes: () => (kind.ranks === true || kind.disorders === true ? GROWN_BYTES : 0),
    make: (lab, most) => ({ queue: kind.make(lab), ...makePost(lab, most) }),
    async act({ queue, ...post }, self) {
      if (self.role === 'joiner') {
        // Not for ever: what a killed receiver had taken nobody reports as done.
        (queue as QueueWithJoin).join(10);
        return 'through';
      }
      const way = self.random.below(8);
      if (self.role === 'sender') {
        return send(post, self, (text) => {
          const message = kind.ranks === true ? [post.sent.get(self.index), text] : text;
          return way === 0 ? queue.putAsync(message) : queue.put(message);
        });
      }
      const get = async (): Promise<unknown> => {
        const message = way === 0 ? await queue.getAsync() : queue.get();
        return kind.ranks === true ? (message as [number, unknown])[1] : message;
      };
      const came = await receive(post, self, get, kind.disorders);
      if (kind.joins === true && came === 'through') (queue as QueueWithJoin).taskDone();
      return came;
    },
    onlooker: ({ queue, ...post }) => ({
      end(role) {
        if (role === 'receiver') queue.shutdown();
      },
      examine(kills) {
        checkPost(post, kills);
        mustHold(queue.size === 0, () => `${queue.size} messages are left`);
        if (kind.joins !== true) return;
        const { unfinished } = queue as QueueWithJoin;
        mustHold(unfinished >= 0 && unfinished <= kills, () => `${unfinished} are unfinished`);
      },
    }),
  });
}

interface Piped extends Post {
  readonly reader: Connection;
  readonly writer: Connection;
}

export const pipeDrill: AnyDrill = drill<Piped>({
  roles: ROLES,
  endless: ['receiver'],
  make(lab, most) {
    const [reader, writer] = lab.pipe({ duplex: false, capacityBytes: 4096 });
    return { reader, writer, ...makePost(lab, most) };
  },
  act({ reader, writer, ...post }, self) {
    const sends = self.role === 'sender';
    const way = self.random.below(8);
    // As one does: else a receiver's own end would keep it from learning of the end.
    (sends ? reader : writer).close();
    return sends
      ? send(post, self, (message) => (way === 0 ? writer.sendAsync(message) : writer.send(message)))
      : receive(post, self, () => (way === 0 ? reader.recvAsync() : reader.recv()));
  },
  onlooker: ({ writer, ...post }) => ({
    end(role) {
      // The last one who could send: now the end of file comes.
      if (role === 'receiver') writer.close();
    },
    examine: (kills) => checkPost(post, kills),
  }),
});

/** So many bytes go in whole, and come out whole where all write as many. */
const RECORD_BYTES = 64;

interface Streamed extends Post {
  readonly reader: OsPipe;
  readonly writer: OsPipe;
}

/** Bytes through the kernel, in records of one size. */
export const osPipeDrill: AnyDrill = drill<Streamed>({
  roles: ROLES,
  endless: ['receiver'],
  make(lab, most) {
    const [reader, writer] = lab.osPipe();
    return { reader, writer, ...makePost(lab, most) };
  },
  act({ reader, writer, ...post }, self) {
    const sends = self.role === 'sender';
    const way = self.random.below(8);
    (sends ? reader : writer).close();
    if (!sends)
      return receive(post, self, () => (way === 0 ? reader.readAsync(RECORD_BYTES) : reader.read(RECORD_BYTES)));
    const record = Buffer.from(`${self.index} ${post.sent.get(self.index)} `.padEnd(RECORD_BYTES, '.'));
    return send(post, self, () => (way === 0 ? writer.writeAsync(record) : writer.write(record)));
  },
  onlooker: ({ writer, ...post }) => ({
    end(role) {
      if (role === 'receiver') writer.close();
    },
    examine: (kills) => checkPost(post, kills),
  }),
});

function makePost(lab: Lab, most: number): Post {
  return { sent: lab.rawArray('i', most), had: lab.rawArray('i', most) };
}

async function send({ sent }: Post, self: Self, put: (message: unknown) => unknown): Promise<Came> {
  const { index, random, mark } = self;
  mark(MARK.inside);
  const number = sent.get(index);
  await put(letter(index, number, random.below(100)));
  sent.set(index, number + 1);
  mark(MARK.outside);
  return 'through';
}

const inOrder = new WeakMap<Self, InOrder>();

async function receive({ had }: Post, self: Self, get: () => unknown, disorders = false): Promise<Came> {
  const { index, mark } = self;
  mark(MARK.inside);
  let message: unknown;
  try {
    message = await get();
  } catch (error) {
    if (isIpcError(error, 'ERR_IPC_SHUT_DOWN') || isIpcError(error, 'ERR_IPC_END_OF_FILE')) return 'to the end';
    throw error;
  }
  // The end of a stream of bytes.
  if (message instanceof Uint8Array && message.length === 0) return 'to the end';
  if (!inOrder.has(self)) inOrder.set(self, new InOrder());
  if (disorders) readLetter(message);
  else inOrder.get(self)?.check(message);
  had.set(index, had.get(index) + 1);
  mark(MARK.outside);
  return 'through';
}

function checkPost({ sent, had }: Post, kills: number): void {
  const [all, arrived] = [sent, had].map((each) => [...each].reduce((sum, n) => sum + n, 0)) as [number, number];
  mustHold(Math.abs(all - arrived) <= kills, () => `${all} were sent and ${arrived} arrived, with ${kills} kills`);
}
