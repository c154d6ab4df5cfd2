import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scheduleText } from '#src/explore/control.js';
import { formatToken, parseToken } from '#src/explore/token.js';

const text = fc.string({ unit: 'grapheme', minLength: 1 });
const granularity = fc.constantFrom('operation' as const, 'cell' as const);
const schedule = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 1, max: 30 })), { maxLength: 20 })
  .map((runs) => runs.flatMap(([actor, length]) => Array.from({ length }, () => actor)));

describe('a token', () => {
  test('is read as it was written, whatever is in it', () => {
    fc.assert(
      fc.property(
        text,
        granularity,
        fc.dictionary(text, fc.string({ unit: 'grapheme' })),
        schedule,
        (program, each, params, steps) => {
          const token = formatToken(program, each, params, scheduleText(steps));
          expect(parseToken(token)).toEqual({ program, granularity: each, params, schedule: steps });
          expect(token).toMatch(/^[\w./%=,:-]+$/);
        },
      ),
    );
  });

  test.each([
    ['lost-update', {}, 'ABBA', 'lost-update:1:ABBA'],
    ['lost-update', {}, 'AAABBB', 'lost-update:1:AAABBB'],
    ['lost-update', { lock: 'mutex', processes: '3' }, 'AAAABBBBB', 'lost-update:1:lock=mutex,processes=3:A4B5'],
    ['./my file:1.mjs', { a: 'x=1,2' }, '', './my%20file%3a1.mjs:1:a=x%3d1%2c2:'],
  ])('of %s with %o: %s', (program, params, steps, token) => {
    expect(formatToken(program, 'operation', params, steps)).toBe(token);
    expect(formatToken(program, 'cell', params, steps)).toBe(token.replace(':1:', ':1c:'));
    expect(parseToken(token).program).toBe(program);
  });

  test.each([
    '',
    ':',
    '::',
    ':1:AB',
    'lost-update',
    'lost-update:AB',
    'lost-update:1',
    'lost-update::AB',
    'lost-update:one:AB',
    'lost-update:1d:AB',
    'lost-update:c:AB',
    'lost-update:1:ab',
    'lost-update:1:AB ',
    'lost-update:1:AB\n',
    'lost-update:1:A-1',
    'lost-update:1:A0',
    'lost-update:1:A01',
    'lost-update:1:A99999999999',
    'lost-update:1:A4096',
    'lost-update:1:A4000B96',
    'lost-update:1:AQ',
    'lost-update:1:4A',
    'lost-update:1:lock:AB',
    'lost-update:1::AB',
    'lost-update:1:=mutex:AB',
    'lost-update:1:lock=a=b:AB',
    'lost-update:1:lock=a,lock=b:AB',
    'lost-update:1:lock=%:AB',
    '%ff:1:AB',
    'lost-update:1:lock=mutex:AB:',
    'lost-update:2:ABBA',
    'lost-update:0:ABBA',
  ])('is not %j', (nonsense) => {
    expect(() => parseToken(nonsense)).toThrow(expect.objectContaining({ code: 'ERR_IPC_BAD_PARAMETER' }));
  });

  test('of another version is told so', () => {
    expect(() => parseToken('lost-update:2:whatever')).toThrow(
      expect.objectContaining({ message: expect.stringContaining('version 2') as string }),
    );
  });
});
