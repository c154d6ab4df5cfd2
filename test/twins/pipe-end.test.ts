/** Ends of a pipe with one mistake each in how they find out that nobody has the other. The examination that the real one passes catches them. */
import { describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { Connection } from '#src/primitives/connection.js';
import type { PipeEnd } from '#src/primitives/pipe-end.js';
import { endOf } from '#src/primitives/pipe-link.js';
import { bodyCell } from '#src/primitives/primitive.js';
import { Queue } from '#src/primitives/queue.js';
import { SharedLab } from '../shared-lab.ts';

type End = Pick<PipeEnd, 'gone'>;
type Make = (memory: LabMemory, link: number) => End;

const real: Make = (memory, link) => endOf(memory, link, 1);

/** Asks only whether it was closed: who was killed closes nothing. */
const trustsClosing: Make = (memory, link) => {
  const end = endOf(memory, link, 1);
  return { gone: () => end.closed };
};

/** Asks who holds it, and forgets that it may be under way in a message. */
const forgetsMessages: Make = (memory, link) => {
  const references = (): number => 0;
  const objects = Object.create(memory.objects, { references: { value: references } }) as LabMemory['objects'];
  return endOf(Object.create(memory, { objects: { value: objects } }) as LabMemory, link, 1);
};

/** Takes who had it once to have it still. */
const takesTheDeadForLiving: Make = (memory, link) => {
  const slots = new Proxy(memory.slots, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (name === 'isAlive') return () => true;
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
  return endOf(Object.create(memory, { slots: { value: slots } }) as LabMemory, link, 1);
};

/** The second end goes to another process in a message, which is received; then its holder dies, or closes it. */
function examine(make: Make, leave: 'dies' | 'closes'): string[] {
  using lab = new SharedLab(2);
  const [first, second] = Connection.createPipe(lab.memory(0));
  const end = make(lab.memory(0), lab.memory(0).cells.load(bodyCell(first[SHARED_OBJECT])) >>> 0);
  const letters = Queue.create<Connection>(lab.memory(0));
  const theirLetters = lab.send(letters, 0, 1);
  const seen: string[] = [];
  const look = (where: string): void => void (end.gone(true) && seen.push(where));
  look('held here');
  letters.put(second);
  second.close();
  look('under way');
  const theirs = theirLetters.get();
  look('held there');
  if (leave === 'dies') lab.die(1);
  else theirs.close();
  look('left');
  return seen;
}

describe.each(['dies', 'closes'] as const)('an end whose last holder %s', (leave) => {
  test('is gone then, and not before', () => {
    expect(examine(real, leave)).toEqual(['left']);
  });
});

test.each<[string, Make, 'dies' | 'closes', string[]]>([
  ['trusts that it is closed', trustsClosing, 'dies', []],
  ['forgets what is under way', forgetsMessages, 'closes', ['under way', 'left']],
  ['takes the dead for living', takesTheDeadForLiving, 'dies', []],
])('an end that %s is caught', (_mistake, make, leave, seen) => {
  expect(examine(make, leave)).toEqual(seen);
});
