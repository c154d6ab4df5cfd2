import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES, IpcError, isIpcError } from '#src/core/errors.js';

const CATALOGUE = new URL('../../docs/errors.md', import.meta.url);

describe('an error', () => {
  test('carries a code, a message, a hint and a cause', () => {
    const cause = new Error('below');
    const error = new IpcError('ERR_IPC_CLOSED', 'it is closed', { hint: 'Open it.', cause });
    expect(error).toMatchObject({
      name: 'IpcError',
      code: 'ERR_IPC_CLOSED',
      message: 'it is closed',
      hint: 'Open it.',
    });
    expect(error.cause).toBe(cause);
    expect('cause' in new IpcError('ERR_IPC_CLOSED', 'x')).toBe(false);
  });

  test('is recognised by its brand, by code, and also when another copy of the package made it', async () => {
    const copy = (await import(`${new URL('../../dist/src/core/errors.js', import.meta.url).href}?copy`)) as {
      IpcError: typeof IpcError;
    };
    const foreign = new copy.IpcError('ERR_IPC_TIMEOUT', 'late');
    expect(copy.IpcError).not.toBe(IpcError);
    expect(foreign).toBeInstanceOf(IpcError);
    expect(new Error('x')).not.toBeInstanceOf(IpcError);
    expect(isIpcError(foreign)).toBe(true);
    expect(isIpcError(foreign, 'ERR_IPC_TIMEOUT')).toBe(true);
    expect(isIpcError(foreign, 'ERR_IPC_CLOSED')).toBe(false);
  });

  test.each([[new Error('x')], [{ code: 'ERR_IPC_CLOSED' }], ['ERR_IPC_CLOSED'], [null], [undefined]])(
    'is not %s',
    (value) => {
      expect(isIpcError(value)).toBe(false);
    },
  );
});

describe('the codes', () => {
  test('are listed once each, in alphabetical order', () => {
    expect([...ERROR_CODES]).toEqual([...new Set(ERROR_CODES)].toSorted());
  });

  test.skipIf(!existsSync(CATALOGUE))('are those of docs/errors.md', () => {
    const headings = readFileSync(CATALOGUE, 'utf8').match(/^#{2,3} `?ERR_IPC_\w+`?$/gm) ?? [];
    const documented = headings.map((heading) => heading.replaceAll(/[^A-Z_]/g, ''));
    expect(documented.toSorted()).toEqual([...ERROR_CODES].toSorted());
  });
});
