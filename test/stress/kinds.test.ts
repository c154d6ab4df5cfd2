/** Queues, pipes, values and dictionaries of every kind, used by few and by many processes as hard as they can. */
import { describe, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';
import { longStress, printedSeed } from '../seed.ts';

const MESSAGES = longStress ? 20_000 : 200;
const COUNTS = longStress ? 1_000_000 : 10_000;
/** A request and its answer take as long as very many accesses to shared memory. */
const REQUESTS = longStress ? 20_000 : 200;
const TIMEOUT_MS = longStress ? 600_000 : 60_000;
const PROCESSES = longStress ? [2, 3, 16] : [3];

refuseLeaks();

describe.each(['Queue', 'JoinableQueue', 'SimpleQueue', 'LifoQueue', 'PriorityQueue', 'Pipe'])('%s', (kind) => {
  test.each(PROCESSES)(
    'carries each message once, and whole, among %i processes',
    async (processes) => {
      const seed = printedSeed(`${kind} with ${processes} processes`);
      const times = Math.ceil((MESSAGES * 2) / processes);
      await resultOf(import.meta.url, 'message-kinds', { kind, processes, times, seed }, { timeoutMs: TIMEOUT_MS });
    },
    TIMEOUT_MS + 10_000,
  );
});

describe.each([
  ['SharedValue', COUNTS],
  ['SharedArray', COUNTS],
  ['Struct', COUNTS],
  ['ShareableList', COUNTS],
  ['atomic value', COUNTS],
  ['atomic element of 64 bits', COUNTS],
  ['atomic parts of a cell', COUNTS * 4],
  ['Dict', REQUESTS],
])('%s', (kind, counts) => {
  test.each(PROCESSES)(
    'is counted up by %i processes, and no count is lost',
    async (processes) => {
      const seed = printedSeed(`${kind} with ${processes} processes`);
      const times = Math.ceil(counts / processes);
      await resultOf(import.meta.url, 'value-counting', { kind, processes, times, seed }, { timeoutMs: TIMEOUT_MS });
    },
    TIMEOUT_MS + 10_000,
  );
});
