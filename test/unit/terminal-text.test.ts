import { describe, expect, test } from 'vitest';
import { renderError } from '#src/render/terminal/error.js';
import { renderRun } from '#src/render/terminal/run.js';
import { plainStyle } from '#src/render/terminal/style.js';
import { table } from '#src/render/terminal/table.js';
import { truncate, widthOf, wrap } from '#src/render/terminal/text.js';
import { durationText, printable, valueText } from '#src/render/terminal/value.js';
import type { FailureReport, RunReport } from '#src/report/run.js';

const report: RunReport = {
  version: 1,
  kind: 'run',
  scenario: 'two-locks',
  title: 'Two locks',
  ok: true,
  result: 42,
  expected: 42,
  grade: null,
  params: {},
  wallMs: 12,
  processes: [],
  shared: [],
  failures: [],
  notes: [],
  machine: { node: 'v20', platform: 'linux/x64', cores: 2, cpu: 'x', kernel: '6' },
};

function failed(failure: Partial<FailureReport>): RunReport {
  const blank = { code: 'Error', message: 'no soup', hint: null, process: 'main', stack: null };
  return { ...report, ok: false, result: null, failures: [{ ...blank, ...failure }] };
}

describe('wrap', () => {
  test.each([
    ['between words', 'one two three', 8, ['one two', 'three']],
    ['at the exact width', 'one two', 7, ['one two']],
    ['never inside a long word', 'a /very/long/path b', 6, ['a', '/very/long/path', 'b']],
    ['and keeps line ends and indents', 'one\n  two three', 8, ['one', '  two', '  three']],
    ['between wide characters, counted as two', '一二三四五', 6, ['一二三', '四五']],
    ['never before their punctuation', '一二三，四', 6, ['一二', '三，四']],
    ['in mixed text', '用 Lock 锁住 counter', 8, ['用 Lock', '锁住', 'counter']],
    ['of nothing', '', 8, ['']],
  ])('breaks %s', (_how, text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });
});

describe('truncate', () => {
  test.each([
    ['short', 10, 'short'],
    ['exactly', 7, 'exactly'],
    ['too long', 5, 'too …'],
    ['一二三四', 7, '一二三…'],
    ['一二三四', 6, '一二…'],
    ['👩‍👩‍👧‍👧abc', 3, '👩‍👩‍👧‍👧…'],
  ])('%j to %i', (text, width, cut) => {
    expect(truncate(text, width, false)).toBe(cut);
    expect(widthOf(cut)).toBeLessThanOrEqual(width);
  });

  test('marks the cut in ASCII', () => {
    expect(truncate('too long', 6, true)).toBe('too...');
  });
});

describe('a table', () => {
  test('lines up wide characters, and numbers to the right', () => {
    const lines = table(
      [{ title: 'NAME' }, { title: 'N', align: 'right' }, { title: 'VALUE' }],
      [
        ['计数器', '7', 'x'],
        ['plain', '1000', 'y'],
      ],
      plainStyle(),
    );
    expect(lines).toEqual(['NAME       N  VALUE', '计数器     7  x', 'plain   1000  y']);
  });

  test('gives way where it may when it is too wide', () => {
    const lines = table([{ title: 'A' }, { title: 'B', shrinkTo: 4 }], [['stays', 'gives way']], plainStyle(12));
    expect(lines[1]).toBe('stays  give…');
  });
});

describe('a value', () => {
  test.each([
    [{ a: 1, b: [1, [2]] }, '{ a: 1, b: [1,[2]] }'],
    ['text', 'text'],
    [null, 'null'],
    ['a\u001B[31m\nb\u0085', String.raw`a\u001b[31m\nb\u0085`],
    [['\u009B2J'], String.raw`["\u009b2J"]`],
    [{ 'a\nb': 1 }, String.raw`{ a\nb: 1 }`],
  ])('%j', (value, text) => {
    expect(valueText(value)).toBe(text);
  });

  test('shows no control character', () => {
    const all = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code)).join('');
    expect(printable(all)).not.toMatch(/\p{Cc}/u);
  });

  test.each([
    [0.0123, '12 µs'],
    [0.123, '0.1 ms'],
    [99.94, '99.9 ms'],
    [999.4, '999 ms'],
    [1234, '1.23 s'],
    [123_456, '123 s'],
    [null, '-'],
  ])('of time: %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
    expect(durationText(ms, true)).toBe(text.replace('µ', 'u'));
  });
});

describe('a failure', () => {
  test('keeps the end of a path that is too long', () => {
    const stack = `Error: no soup\n    at cook (file:///home/ada/${'deep/'.repeat(20)}soup.js:12:3)`;
    const lines = renderRun(failed({ stack }), plainStyle(60)).split('\n');
    const frame = lines.find((line) => line.includes(' at '));
    expect(frame).toMatch(/^ {4}at cook \(…\/deep\/.*\/soup\.js:12:3\)$/);
    expect(widthOf(frame ?? '')).toBeLessThanOrEqual(60);
  });

  test('shows frames of the user, not ours and not those of Node', () => {
    const stack = [
      'Error: no soup',
      '    at cook (file:///home/ada/soup.js:12:3)',
      '    at perform (file:///usr/lib/ipc-lab/dist/bundle/chunks/chunk-A.js:1:1)',
      '    at node:internal/main:1:1',
      '    at process.emit (node:events:2:3)',
    ].join('\n');
    expect(renderRun(failed({ stack }), plainStyle())).toMatchInlineSnapshot(`
      "two-locks  Two locks

      main: Error: no soup
          at cook (/home/ada/soup.js:12:3)
      FAILED in 12.0 ms
      "
    `);
  });

  test('is one of a mistake: what, then what to do, within the columns', () => {
    const error = {
      version: 1,
      kind: 'error',
      code: 'ERR_IPC_USAGE',
      message: 'm'.repeat(30),
      hint: 'do … that',
    } as const;
    expect(renderError(error, plainStyle(80))).toBe(`ipc-lab: ${error.message}\ndo … that\n`);
    expect(renderError(error, plainStyle(80, true))).toBe(`ipc-lab: ${error.message}\ndo ... that\n`);
  });
});

describe('a run', () => {
  test('of many processes sums up', () => {
    const one = { pid: 7, exitCode: 0, signal: null, startMs: 1, workMs: 1 };
    const processes = Array.from({ length: 20 }, (_, i) => ({ ...one, name: `p-${i}` }));
    const text = renderRun({ ...report, processes }, plainStyle());
    expect(text).toContain('and 8 more, all with exit 0 (--json shows them)');
    expect(text.split('\n').length).toBeLessThan(24);
  });

  test('says what is a thread only where there is one', () => {
    const one = { pid: 7, exitCode: 0, signal: null, startMs: 1, workMs: 1 };
    const processes = [
      { ...one, name: 'main' },
      { ...one, name: 'add-1', thread: true as const },
    ];
    expect(renderRun({ ...report, processes }, plainStyle())).toMatch(
      / KIND .*\nmain +process +7 .*\nadd-1 +thread +7 /,
    );
    expect(renderRun({ ...report, processes: [{ ...one, name: 'main' }] }, plainStyle())).not.toMatch(/KIND|process /);
  });

  test('in 80 columns keeps a long title, long parameters and notes within them', () => {
    const text = renderRun(
      {
        ...report,
        title: '多个进程共享一个计数器'.repeat(6),
        params: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`parameter${i}`, i])),
        notes: ['a note '.repeat(20).trim()],
        result: Array.from({ length: 100 }, (_, i) => i),
      },
      plainStyle(),
    );
    for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(80);
  });
});
