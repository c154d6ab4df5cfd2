/** A pipe against two plain arrays, with its counters next to their wrap; and its users killed at every store. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isIpcError } from '#src/core/errors.js';
import { Connection } from '#src/primitives/connection.js';
import { SharedLab } from '../shared-lab.ts';
import { killAt, wasKilled } from '../twins/kill-at.ts';

const STEP = fc.record({ end: fc.nat(1), act: fc.constantFrom('send', 'recv'), length: fc.nat(700) });

test.each([0, 2 ** 31 - 300, -300])('a pipe whose counters begin at %i carries what two arrays would', (start) => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 60 }), (steps) => {
      using lab = new SharedLab(2, 1024 * 1024);
      const [first, second] = Connection.createPipe<string>(lab.memory(0), { capacityBytes: 1024 }, start);
      const ends = [first, lab.send(second, 0, 1)];
      const models: string[][] = [[], []];
      for (const [number, { end, act, length }] of steps.entries()) {
        const connection = ends[end] as Connection<string>;
        const [incoming, outgoing] = [models[end] ?? [], models[1 - end] ?? []];
        if (act === 'recv') {
          expect(connection.poll()).toBe(incoming.length > 0);
          if (incoming.length > 0) expect(connection.recv()).toBe(incoming.shift());
          continue;
        }
        const message = `${number}`.padEnd(length, '.');
        try {
          connection.send(message, 0);
          outgoing.push(message);
        } catch (error) {
          if (!isIpcError(error, 'ERR_IPC_TIMEOUT')) throw error;
          expect(outgoing.length).toBeGreaterThan(0);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test.each(['send', 'recv'] as const)(
  'killed at any store of a %s, one leaves whole messages and an end of file',
  (act) => {
    for (let at = 1, alive = false; !alive; at++) {
      expect(at, 'the number of stores').toBeLessThan(200);
      using lab = new SharedLab(3, 1024 * 1024);
      const [theirs, ours] = Connection.createPipe<string>(lab.memory(1), { capacityBytes: 1024 });
      const victim = lab.send(theirs, 1, 0);
      const heir = lab.send(theirs, 1, 2);
      theirs.close();
      ours.send('one');
      ours.send('two');
      const revive = killAt(lab.memory(0).cells, at);
      try {
        if (act === 'send') victim.send('from the victim');
        else victim.recv();
        alive = true;
      } catch (error) {
        if (!wasKilled(error)) throw error;
      }
      revive();
      lab.die(0);
      heir.send('from the heir');
      heir.poll();
      const left: string[] = [];
      while (heir.poll()) left.push(heir.recv());
      expect([['one', 'two'], ['two']]).toContainEqual(left);
      if (act === 'send') expect(left).toEqual(['one', 'two']);
      heir.close();
      const received: string[] = [];
      try {
        for (;;) received.push(ours.recv());
      } catch (error) {
        if (!isIpcError(error, 'ERR_IPC_END_OF_FILE')) throw error;
      }
      expect([['from the victim', 'from the heir'], ['from the heir']]).toContainEqual(received);
      if (alive && act === 'send') expect(received).toHaveLength(2);
    }
  },
);
