import { describe, expect, test } from 'vitest';
import { Segment } from '#src/memory/segment.js';
import { currentPlatform } from '#src/platform/current.js';
import { Command, fixture, runFixture } from './command.ts';
import { leaveNothing } from './nothing-left.ts';

leaveNothing();

let names = 0;
const freshName = (): string => `meeting ${process.pid} ${names++}`;

function maker(called: string): Command {
  return new Command(['run', fixture('shared-memory'), '--json', '--role', 'maker', '--called', called]);
}

const isThere = (called: string): boolean => {
  try {
    Segment.attachNamed(currentPlatform(), called).close();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_IPC_NAME_NOT_FOUND' });
    return false;
  }
};

describe('shared memory by name', () => {
  test('is where two labs meet that know nothing of each other', async () => {
    const called = freshName();
    const first = maker(called);
    await until(() => isThere(called) && firstByte(called) === 'h');
    const { stdout } = await runFixture('shared-memory', '--json', '--role', 'finder', '--called', called);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, result: 'hello' });
    expect(JSON.parse((await first.ends()).stdout)).toMatchObject({ ok: true, result: 'HELLO' });
    expect(isThere(called)).toBe(false);
  });

  test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('does not survive its lab, ended by %s', async (signal) => {
    const called = freshName();
    const command = maker(called);
    await until(() => isThere(called) && firstByte(called) === 'h');
    command.signal(signal);
    await command.ends();
    // The kernel ends the others of a lab whose supervisor was killed in its own time.
    await until(() => !isThere(called));
  });

  test('is made by one of many who want to make it at the same instant', async () => {
    const args = ['--json', '--role', 'crowd', '--called', freshName(), '--processes', '6'];
    const { stdout } = await runFixture('shared-memory', ...args);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, result: { made: 1, refused: 5 } });
  });
});

function firstByte(called: string): string {
  using found = Segment.attachNamed(currentPlatform(), called);
  return String.fromCharCode(new Uint8Array(found.mapping.buffer)[8] ?? 0);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
