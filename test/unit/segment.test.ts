import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fstatSync, ftruncateSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Segment } from '#src/memory/segment.js';
import { currentPlatform } from '#src/platform/current.js';
import { refuseLeaks } from '../leak-check.ts';
import { fixtureFile } from '../run-fixture.ts';

const platform = currentPlatform();
const children: ChildProcess[] = [];
let names = 0;

function freshName(): string {
  return `test ${process.pid} ${names++} 共享`;
}

function bytesOf(segment: Segment): Uint8Array {
  return new Uint8Array(segment.mapping.buffer);
}

/** Starts a process that holds a named segment full of sevens. */
async function holder(name: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [fixtureFile(import.meta.url, 'hold-named-segment'), name], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  if (child.stdout !== null) await once(child.stdout, 'data');
  return child;
}

refuseLeaks();
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

function code(expected: string): Error {
  return expect.objectContaining({ code: expected }) as Error;
}

describe('a nameless segment', () => {
  test('is zeroed, has the size that was asked for, and is shared by all who map its descriptor', () => {
    using segment = Segment.create(platform, 8192);
    const mapping = platform.map(segment.descriptor, 8192);
    expect([segment.sizeBytes, bytesOf(segment).every((byte) => byte === 0)]).toEqual([8192, true]);
    bytesOf(segment)[100] = 7;
    expect(new Uint8Array(mapping.buffer)[100]).toBe(7);
    mapping.close();
  });

  test('is the user’s alone and cannot be made smaller', () => {
    using segment = Segment.create(platform, 8192);
    expect(fstatSync(segment.descriptor).mode & 0o777).toBe(0o600);
    expect(() => ftruncateSync(segment.descriptor, 0)).toThrow(expect.objectContaining({ code: 'EPERM' }));
    expect(fstatSync(segment.descriptor).size).toBe(8192);
  });

  test('refuses use after close with a code; closing twice is fine', () => {
    const segment = Segment.create(platform, 4096);
    segment.close();
    segment.close();
    for (const use of [
      () => segment.mapping,
      () => segment.descriptor,
      () => segment.commit(0, 10),
      () => segment.unlink(),
    ])
      expect(use).toThrow(code('ERR_IPC_CLOSED'));
  });

  test('leaves views that were made before harmless: private zeroes, and no crash', () => {
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      [fixtureFile(import.meta.url, 'read-after-close')],
      { encoding: 'utf8' },
    );
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ seen: 0, written: 9, elsewhere: 7 });
  });
});

describe('a named segment', () => {
  test('is found by its name from another process, with what is in it', async () => {
    const name = freshName();
    await holder(name);
    using segment = Segment.attachNamed(platform, name);
    expect(segment.sizeBytes).toBe(8192);
    expect(bytesOf(segment).every((byte) => byte === 7)).toBe(true);
    expect(fstatSync(segment.descriptor).mode & 0o777).toBe(0o600);
  });

  test('is gone after a SIGKILL of its only owner', async () => {
    const name = freshName();
    const child = await holder(name);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(() => Segment.attachNamed(platform, name)).toThrow(code('ERR_IPC_NAME_NOT_FOUND'));
    using again = Segment.createNamed(platform, name, 4096);
    expect(bytesOf(again)[0]).toBe(0);
  });

  test('outlives its maker as long as somebody has it open', async () => {
    const name = freshName();
    const child = await holder(name);
    using segment = Segment.attachNamed(platform, name);
    child.kill('SIGKILL');
    await once(child, 'exit');
    using second = Segment.attachNamed(platform, name);
    bytesOf(segment)[0] = 8;
    expect(bytesOf(second).slice(0, 2)).toEqual(Uint8Array.of(8, 7));
  });

  test('is not made twice, until it is unlinked; who has it open keeps it', () => {
    const name = freshName();
    using first = Segment.createNamed(platform, name, 4096);
    bytesOf(first)[0] = 1;
    expect(() => Segment.createNamed(platform, name, 4096)).toThrow(code('ERR_IPC_NAME_EXISTS'));
    first.unlink();
    expect(() => Segment.attachNamed(platform, name)).toThrow(code('ERR_IPC_NAME_NOT_FOUND'));
    using second = Segment.createNamed(platform, name, 8192);
    using found = Segment.attachNamed(platform, name);
    expect([found.sizeBytes, bytesOf(second)[0], bytesOf(first)[0]]).toEqual([8192, 0, 1]);
  });

  test('is not confused with one whose name begins or ends the same', () => {
    const name = freshName();
    using one = Segment.createNamed(platform, name, 4096);
    using other = Segment.createNamed(platform, `${name} (deleted)`, 8192);
    using found = Segment.attachNamed(platform, name);
    expect([found.sizeBytes, one.sizeBytes, other.sizeBytes]).toEqual([4096, 4096, 8192]);
    expect(() => Segment.attachNamed(platform, name.slice(0, -1))).toThrow(code('ERR_IPC_NAME_NOT_FOUND'));
  });

  test.each(['', 'a/b', '/a', 'a\0b', 'a\nb', 'x'.repeat(242), '共'.repeat(81)])('cannot be called %j', (name) => {
    expect(() => Segment.createNamed(platform, name, 4096)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
    expect(() => Segment.attachNamed(platform, name)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
  });

  test('may have a name as long as the kernel takes', () => {
    using segment = Segment.createNamed(platform, 'x'.repeat(241), 4096);
    using found = Segment.attachNamed(platform, 'x'.repeat(241));
    expect(found.sizeBytes).toBe(segment.sizeBytes);
  });

  test('says its name when it is closed', () => {
    const segment = Segment.createNamed(platform, 'till', 4096);
    segment.close();
    expect(() => segment.mapping).toThrow('shared memory "till" is closed');
  });
});
