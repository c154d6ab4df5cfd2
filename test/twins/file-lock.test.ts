/** File locks with one mistake each. The examination that the real one passes catches them. */
import { expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { FileLock } from '#src/primitives/file-lock.js';
import { SharedLab } from '../shared-lab.ts';
import { ownFolder } from '../temporary-folder.ts';

const { file: fileIn } = ownFolder();

type Files = LabMemory['platform']['files'];
type Change = (files: Files) => Partial<Record<keyof Files, unknown>>;

const asItIs: Change = () => ({});
/** Believes what its own lab has written down, and does not ask the kernel. */
const asksNobody: Change = () => ({ tryLock: () => true });
/** Lets go of it only in its own lab. */
const keepsIt: Change = () => ({ unlock: () => undefined });

/** Two labs take turns at one path, as each process of a machine would. */
function examine(change: Change, name: string): string[] {
  using one = new SharedLab(1);
  using other = new SharedLab(1);
  const path = fileIn(name);
  const locks = [one, other].map((lab) => {
    const memory = lab.memory(0);
    const { platform } = memory;
    const properties = Object.entries(change(platform.files)).map(([key, value]) => [key, { value }]);
    const files = Object.create(platform.files, Object.fromEntries(properties) as PropertyDescriptorMap) as Files;
    const changed = Object.create(platform, { files: { value: files } }) as LabMemory['platform'];
    return FileLock.create(Object.create(memory, { platform: { value: changed } }) as LabMemory, path);
  });
  const [ours, theirs] = locks;
  const wrong: string[] = [];
  if (ours?.tryAcquire() !== true) wrong.push('a free lock was not to be had');
  if (theirs?.tryAcquire() === true) wrong.push('two hold it');
  else {
    ours?.release();
    if (theirs?.tryAcquire() !== true) wrong.push('it was released, and is not to be had');
  }
  for (const lock of locks) lock.close();
  return wrong;
}

test('a file lock keeps another lab out, and only as long as it is held', () => {
  expect(examine(asItIs, 'real')).toEqual([]);
});

test.each([
  ['does not ask the kernel', asksNobody, 'two hold it'],
  ['does not tell the kernel', keepsIt, 'it was released, and is not to be had'],
])('a file lock that %s is caught', (_mistake, change, wrong) => {
  expect(examine(change, 'twin')).toEqual([wrong]);
});
