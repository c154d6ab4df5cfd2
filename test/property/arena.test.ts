import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SharedLab } from '../shared-lab.ts';

type Step =
  | { readonly kind: 'allocate'; readonly process: 0 | 1; readonly sizeBytes: number }
  | { readonly kind: 'free'; readonly process: 0 | 1; readonly which: number };

const process = fc.constantFrom<(0 | 1)[]>(0, 1);
const sizeBytes = fc.oneof(fc.nat(200), fc.nat(5000), fc.constantFrom(64, 65, 512, 513, 640, 641, 40_000));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('allocate' as const), process, sizeBytes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('free' as const), process, which: fc.nat() }) },
);

interface Held {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly stamp: number;
  readonly owner: number;
}

/** What is filled with its stamp stays so until it is freed, whatever the others do: nothing overlaps. */
test('two processes allocate and free, and each piece is its owner’s alone', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      using lab = new SharedLab(2, 1024 * 1024);
      const held: Held[] = [];
      const freed = new Map<number, Set<number>>();
      let stamp = 0;
      for (const each of steps) {
        const { arena, cells, self } = lab.memory(each.process);
        if (each.kind === 'allocate') {
          const offset = arena.allocate(each.sizeBytes);
          const bytes = new Uint8Array(each.sizeBytes);
          cells.copyOut(offset, bytes);
          expect(
            bytes.every((byte) => byte === 0),
            'what is handed out is zeroed',
          ).toBe(true);
          stamp = (stamp % 255) + 1;
          cells.copyIn(offset, bytes.fill(stamp));
          held.push({ offset, sizeBytes: each.sizeBytes, stamp, owner: self });
          const chunk = [...arena.chunks()].find(({ byteOffset }) => byteOffset === offset);
          const reusable = freed.get(chunk?.sizeBytes ?? 0);
          if (reusable !== undefined && reusable.size > 0) {
            expect(reusable.delete(offset), 'a free chunk of the size is taken before a new one is cut').toBe(true);
          }
        } else if (held.length > 0) {
          const [piece] = held.splice(each.which % held.length, 1) as [Held];
          const bytes = new Uint8Array(piece.sizeBytes);
          cells.copyOut(piece.offset, bytes);
          expect(
            bytes.every((byte) => byte === piece.stamp),
            'nobody else has written there',
          ).toBe(true);
          const chunk = [...arena.chunks()].find(({ byteOffset }) => byteOffset === piece.offset);
          arena.free(piece.offset);
          const size = chunk?.sizeBytes ?? 0;
          freed.set(size, (freed.get(size) ?? new Set()).add(piece.offset));
        }
        const inUse = [...arena.chunks()].filter((chunk) => chunk.owner !== 0);
        expect(inUse.map(({ byteOffset, owner }) => [byteOffset, owner])).toEqual(
          held.map(({ offset, owner }) => [offset, owner]).toSorted(([a = 0], [b = 0]) => a - b),
        );
        expect(arena.usedBytes()).toBe(inUse.reduce((sum, chunk) => sum + chunk.sizeBytes, 0));
      }
      const chunks = [...lab.memory(0).arena.chunks()];
      for (const [i, chunk] of chunks.slice(1).entries()) {
        const before = chunks[i];
        expect(chunk.byteOffset).toBeGreaterThanOrEqual((before?.byteOffset ?? 0) + (before?.sizeBytes ?? 0));
      }
    }),
    { numRuns: 150 },
  );
});
