/** What binds functions of the system does so in the guard that a thread sets: in the middle of it, being stopped would abort the process. */
import { closeSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { currentPlatform } from '#src/platform/current.js';
import { refuseLeaks } from '../leak-check.ts';

const platform = currentPlatform();
const folder = mkdtempSync(path.join(os.tmpdir(), 'ipc-lab-guard-'));

refuseLeaks();
afterAll(() => rmSync(folder, { recursive: true }));

function mapSegment(): void {
  const descriptor = platform.createSegment(4096);
  platform.map(descriptor, 4096).close();
  closeSync(descriptor);
}

function makePipe(): void {
  const { reader, writer } = platform.pipes.create();
  for (const descriptor of [reader, writer]) closeSync(descriptor);
}

function lockFile(): void {
  const { descriptor } = platform.files.openTemporaryToLock();
  platform.files.tryLock(descriptor);
  closeSync(descriptor);
}

function rename(): void {
  mkdirSync(path.join(folder, 'from'));
  platform.files.renameToNew(path.join(folder, 'from'), path.join(folder, 'to'));
}

/** Whether a call is made in the guard depends on whether it is the first of its kind, so each has its turn once. */
test.each<[string, () => void]>([
  ['a view of memory', mapSegment],
  ['a pipe', makePipe],
  ['a lock of a file', lockFile],
  ['a mapped file', () => platform.files.createTemporary(4096).close()],
  ['a rename', rename],
  ['what a signal does', () => platform.signals.endBy('SIGUSR2')()],
])('%s', (_what, use) => {
  let guarded = 0;
  platform.guardBinding((work) => {
    guarded++;
    return work();
  });
  use();
  platform.guardBinding((work) => work());
  expect(guarded).toBeGreaterThan(0);
});
