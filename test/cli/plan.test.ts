import { describe, expect, test } from 'vitest';
import { plan } from '#src/cli/plan.js';
import { isIpcError } from '#src/core/errors.js';

const run = {
  kind: 'run',
  target: 'raw-counter',
  params: {},
  timeoutMs: undefined,
  memoryBytes: undefined,
  json: false,
  ascii: false,
};
const bench = {
  kind: 'bench',
  mechanisms: [],
  samples: undefined,
  oneCore: false,
  json: false,
  markdown: false,
  ascii: false,
};

function planOf(line: string): unknown {
  return plan(line === '' ? [] : line.split(' '), '1.2.3');
}

describe('a command line', () => {
  test.each([
    ['list', { kind: 'list', json: false, ascii: false }],
    ['list --json', { kind: 'list', json: true, ascii: false }],
    ['list --ascii', { kind: 'list', json: false, ascii: true }],
    ['run raw-counter', run],
    ['run all', { ...run, target: 'all' }],
    ['run ./mine.js', { ...run, target: './mine.js' }],
    ['run raw-counter --json --ascii', { ...run, json: true, ascii: true }],
    ['run --json raw-counter', { ...run, json: true }],
    ['run raw-counter --processes 4', { ...run, params: { processes: '4' } }],
    ['run raw-counter --processes=4', { ...run, params: { processes: '4' } }],
    ['run raw-counter --processes -4', { ...run, params: { processes: '-4' } }],
    ['run raw-counter --name=a=b', { ...run, params: { name: 'a=b' } }],
    ['run raw-counter --verbose', { ...run, params: { verbose: '' } }],
    ['run raw-counter --verbose --processes 4', { ...run, params: { verbose: '', processes: '4' } }],
    ['run raw-counter --processes 4 --json', { ...run, params: { processes: '4' }, json: true }],
    ['run raw-counter --timeout 2.5', { ...run, timeoutMs: 2500 }],
    ['run raw-counter --timeout 86400', { ...run, timeoutMs: 86_400_000 }],
    ['run raw-counter --memory 64MiB', { ...run, memoryBytes: 64 * 1024 ** 2 }],
    ['run raw-counter --memory 64mb', { ...run, memoryBytes: 64 * 1024 ** 2 }],
    ['run raw-counter --memory 1.5g', { ...run, memoryBytes: 1.5 * 1024 ** 3 }],
    ['run raw-counter --memory 2048k', { ...run, memoryBytes: 2 * 1024 ** 2 }],
    ['run raw-counter --memory 1048576', { ...run, memoryBytes: 1024 ** 2 }],
    ['bench', bench],
    ['bench --markdown', { ...bench, markdown: true }],
    ['bench locked --samples 3 --one-core', { ...bench, mechanisms: ['locked'], samples: 3, oneCore: true }],
  ])('%s', (line, planned) => {
    expect(planOf(line)).toEqual(planned);
  });

  test.each([
    'run raw-counter --help',
    'run raw-counter -h',
    'run raw-counter --processes 4 --help',
    'explore raw-counter --help',
  ])('%s: what the scenario takes, too', (line) => {
    expect(planOf(line)).toMatchObject({ kind: 'describe', name: 'raw-counter', ascii: false });
  });

  test('with a parameter called as what every object has', () => {
    expect(Object.keys((planOf('run raw-counter --__proto__ 4') as { params: object }).params)).toEqual(['__proto__']);
  });

  test.each([
    ['', /^ipc-lab: processes that share memory[^]+ipc-lab run[^]+ipc-lab list/],
    ['--help', /^Usage: ipc-lab[^]+list[^]+run/],
    ['-h', /^Usage: ipc-lab/],
    ['help', /^Usage: ipc-lab/],
    ['run --help', /^Usage: ipc-lab run/],
    ['help run', /^Usage: ipc-lab run/],
    ['--version', /^1\.2\.3\n$/],
    ['-V', /^1\.2\.3\n$/],
  ])('that asks for text: %s', (line, text) => {
    expect(planOf(line)).toEqual({ kind: 'print', text: expect.stringMatching(text) as string });
  });

  test.each([
    ['lits', 'ERR_IPC_USAGE', "unknown command 'lits'", /^Did you mean list\?/],
    ['frobnicate', 'ERR_IPC_USAGE', "unknown command 'frobnicate'", /^"ipc-lab --help"/],
    ['--frob', 'ERR_IPC_USAGE', "unknown option '--frob'", undefined],
    ['list --jsn', 'ERR_IPC_USAGE', "unknown option '--jsn'", /^Did you mean --json\?/],
    ['list all', 'ERR_IPC_USAGE', /^too many arguments/, undefined],
    ['run', 'ERR_IPC_USAGE', "missing required argument 'scenario'", undefined],
    ['run --processes 4 raw-counter', 'ERR_IPC_USAGE', /^--processes stands where the scenario/, /first/],
    ['run raw-counter extra', 'ERR_IPC_USAGE', 'unexpected argument "extra"', /by name/],
    ['run raw-counter -p 4', 'ERR_IPC_USAGE', 'unexpected argument "-p"', /by name/],
    ['run raw-counter --processes 2 --processes 3', 'ERR_IPC_BAD_PARAMETER', '--processes is given twice', undefined],
    ['run raw-counter --timeout', 'ERR_IPC_USAGE', /--timeout <seconds>' argument missing$/, undefined],
    ...['0', '-1', 'abc', 'NaN', 'Infinity', '86401'].map(
      (value) => [`run x --timeout ${value}`, 'ERR_IPC_BAD_PARAMETER', /^--timeout takes seconds/, undefined] as const,
    ),
    ...['1', '1023k', '4GiB', '-1', 'lots', '1.2.3', '64TiB'].map(
      (value) => [`run x --memory ${value}`, 'ERR_IPC_BAD_PARAMETER', /^--memory takes a size/, undefined] as const,
    ),
  ] as const)('that makes no sense: %s', (line, code, message, hint) => {
    let thrown: unknown;
    try {
      planOf(line);
    } catch (error) {
      thrown = error;
    }
    if (!isIpcError(thrown)) throw new Error(`${line} was accepted`);
    expect(thrown.code).toBe(code);
    expect(thrown.message).toMatch(message);
    if (hint !== undefined) expect(thrown.hint).toMatch(hint);
  });
});
