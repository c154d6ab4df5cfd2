/** Producers and consumers of one channel, in every interleaving that nesting reaches: nothing is lost or doubled, and nobody sleeps for ever. */
import { describe, expect, test } from 'vitest';
import type { Cells } from '#src/memory/cells.js';
import { Channel } from '#src/primitives/channel.js';
import type { Counterpart } from '#src/primitives/channel-parts.js';
import { initializeChannel } from '#src/primitives/channel-parts.js';
import { CHANNEL_CELLS } from '#src/primitives/channel-cells.js';
import type { Message } from '#src/primitives/message.js';
import { RING_CELLS, UNBOUNDED } from '#src/primitives/message-ring.js';
import { bodyCell } from '#src/primitives/primitive.js';
import { SharedLab } from '../shared-lab.ts';
import { Interleavings, type Verdict, Violation } from './interleavings.ts';
import { steppedMemory } from './stepped-memory.ts';

type Wrap = (cells: Cells, baseCell: number) => Cells;

const PUT_LOCK = RING_CELLS;
const GETTERS = RING_CELLS + 16;
const PUTTERS = RING_CELLS + 32;
/** So long that it never passes; with it, a wait does not ask whether anybody is left. */
const LONG_MS = 1e9;
/** Nobody dies here. */
const COUNTERPART: Counterpart = { verbs: { put: 'put', get: 'get' }, check: () => {} };

/** What each actor does: numbers are put in, `get` takes one out; both block. */
type Script = readonly (readonly (number | 'get')[])[];

function examine(script: Script, capacity: number, wrap: Wrap = (cells) => cells): Verdict[] {
  using lab = new SharedLab(script.length);
  const memory = lab.memory(0);
  const { cells, arena } = memory;
  const base = arena.allocate(CHANNEL_CELLS * 4) / 4;
  initializeChannel(memory, base, 1024, capacity, undefined);
  const locks = [PUT_LOCK, PUT_LOCK + 1].map((cell) => bodyCell(cells.load(base + cell)));
  const fresh = new Uint8Array(RING_CELLS * 4);
  cells.copyOut(base * 4, fresh);
  return [true, false].map((wakeNewest) => {
    const interleavings = new Interleavings(wakeNewest);
    const received: number[] = [];
    return interleavings.explore({
      reset() {
        cells.copyIn(base * 4, fresh);
        for (const cell of [base + GETTERS, base + PUTTERS, ...locks]) cells.store(cell, 0);
        received.length = 0;
      },
      actors: script.map((acts, actor) => {
        const each = lab.memory(actor);
        const stepped = steppedMemory(each, wrap(interleavings.cells(actor, each.cells), base));
        const channel = new Channel(stepped, base, 0, () => 'the channel', COUNTERPART);
        const { waiter } = stepped;
        const mine: number[] = [];
        return acts.map((act) => () => {
          if (act !== 'get') {
            const message: Message = { kind: 1, length: 0, number: act, body: undefined };
            if (!channel.tryPut(message)) waiter.block(channel.room(message, LONG_MS), LONG_MS);
            return;
          }
          const { number } = channel.tryTake() ?? waiter.block(channel.something(LONG_MS), LONG_MS) ?? { number: -1 };
          if (received.includes(number) || number <= 0) throw new Violation(`${number} came out twice or from nowhere`);
          received.push(number);
          // The numbers of a producer begin with the same digit.
          const last = mine.findLast((other) => Math.floor(other / 10) === Math.floor(number / 10));
          if (last !== undefined && received.includes(last) && last > number)
            throw new Violation(`${number} came out after ${last}`);
          mine.push(number);
        });
      }),
    });
  });
}

/** The wrap of a channel that does not count the sleepers of one side. */
function uncounted(sleepers: number): Wrap {
  return (cells, base) =>
    new Proxy(cells, {
      get: (target, name) => {
        if (name !== 'add') return Reflect.get(target, name) as unknown;
        return (cell: number, value: number): number => (cell === base + sleepers ? 0 : target.add(cell, value));
      },
    });
}

function violations(verdicts: readonly Verdict[]): string[] {
  return verdicts.flatMap(({ violation }) => violation ?? []);
}

describe('a channel', () => {
  test.each<[string, Script, number]>([
    [
      'one producer and one consumer',
      [
        [11, 12],
        ['get', 'get'],
      ],
      UNBOUNDED,
    ],
    ['one producer and two consumers', [[11, 12], ['get'], ['get']], UNBOUNDED],
    ['two producers and one consumer that find it full', [[11], [21], ['get', 'get']], 1],
  ])('of %s loses nothing, and no wake-up', (_who, script, capacity) => {
    const verdicts = examine(script, capacity);
    expect(violations(verdicts)).toEqual([]);
    for (const { executions } of verdicts) expect(executions).toBeGreaterThan(100);
  });

  test('whose consumers sleep without counting themselves is caught', () => {
    expect(violations(examine([[11], ['get']], UNBOUNDED, uncounted(GETTERS)))).toContainEqual(
      expect.stringMatching(/nobody is left to wake them/),
    );
  });

  test('whose producers sleep without counting themselves is caught', () => {
    expect(
      violations(
        examine(
          [
            [11, 12],
            ['get', 'get'],
          ],
          1,
          uncounted(PUTTERS),
        ),
      ),
    ).toContainEqual(expect.stringMatching(/nobody is left to wake them/));
  });
});
