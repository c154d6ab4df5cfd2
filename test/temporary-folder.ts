import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';

/**
 * Gives each test of the calling file a folder of its own, which is also where everybody's temporary files go meanwhile: a test that leaves
 * something there that it did not put there itself fails.
 */
export function ownFolder(): { readonly file: (name: string) => string } {
  let root = '';
  let before: string | undefined;
  beforeEach(() => {
    before = process.env['TMPDIR'];
    root = mkdtempSync(path.join(os.tmpdir(), 'ipc-lab-test-'));
    process.env['TMPDIR'] = path.join(root, 'tmp');
    mkdirSync(process.env['TMPDIR']);
  });
  afterEach(() => {
    const left = readdirSync(path.join(root, 'tmp'));
    rmSync(root, { recursive: true, force: true });
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    expect(left).toEqual([]);
  });
  return { file: (name) => path.join(root, name) };
}
