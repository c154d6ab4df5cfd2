import { describe, expect, test } from 'vitest';
import { plan } from '#src/cli/plan.js';

const RACE = {
  kind: 'race',
  locks: ['none', 'mutex'],
  processes: 2,
  iterations: undefined,
  trials: 1,
  timeoutMs: undefined,
  large: false,
  json: false,
  ascii: false,
};

describe('a race is planned', () => {
  test.each([
    ['', {}],
    ['--no-lock', { locks: ['none'] }],
    ['--lock mutex', { locks: ['mutex'] }],
    ['--lock=atomic', { locks: ['atomic'] }],
    ['--processes 64 --trials 5', { processes: 64, trials: 5 }],
    ['--processes 1', { processes: 1 }],
    ['--iterations 1e6', { iterations: 1_000_000 }],
    ['--iterations 2147483647 --processes 1', { iterations: 2_147_483_647, processes: 1 }],
    ['--timeout 2.5', { timeoutMs: 2500 }],
    ['--large --json --ascii', { large: true, json: true, ascii: true }],
  ])('race %s', (line, expected) => {
    expect(plan(['race', ...line.split(' ').filter((word) => word !== '')], '0')).toEqual({ ...RACE, ...expected });
  });
});

describe('what makes no sense is refused', () => {
  test.each([
    ['--no-lock --lock mutex', 'ERR_IPC_USAGE', /exclude each other/],
    ['--lock=mutex --no-lock', 'ERR_IPC_USAGE', /exclude each other/],
    ['--lock none', 'ERR_IPC_BAD_PARAMETER', /mutex, rlock, spin, ticket, file, mkdir or atomic/],
    ['--lock', 'ERR_IPC_USAGE', /--lock/],
    ['--processes 0', 'ERR_IPC_BAD_PARAMETER', /1 to 64/],
    ['--processes 65', 'ERR_IPC_BAD_PARAMETER', /1 to 64/],
    ['--processes two', 'ERR_IPC_BAD_PARAMETER', /"two"/],
    ['--iterations 0', 'ERR_IPC_BAD_PARAMETER', /--iterations/],
    ['--iterations 1.5', 'ERR_IPC_BAD_PARAMETER', /whole number/],
    ['--processes 64 --iterations 33554432', 'ERR_IPC_BAD_PARAMETER', /do not fit/],
    ['--trials 0', 'ERR_IPC_BAD_PARAMETER', /--trials/],
    ['--timeout 0', 'ERR_IPC_BAD_PARAMETER', /--timeout/],
    ['--bogus', 'ERR_IPC_USAGE', /--bogus/],
    ['extra', 'ERR_IPC_USAGE', /argument/],
  ])('race %s', (line, code, message) => {
    expect(() => plan(['race', ...line.split(' ')], '0')).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
