import { describe, expect, test } from 'vitest';
import { renderBenchMarkdown } from '#src/render/markdown/bench.js';
import { renderBench } from '#src/render/terminal/bench.js';
import { plainStyle } from '#src/render/terminal/style.js';
import type { BenchReport, BenchRow } from '#src/report/bench.js';

const throughput: BenchRow = {
  mechanism: 'locked-increments',
  how: 'acquire, release',
  processes: 2,
  metric: 'throughput',
  unit: 'op/s',
  better: 'higher',
  size: null,
  samples: 7,
  min: 26_200_000,
  p50: 27_600_000,
  p99: 28_800_000,
  max: 28_800_000,
  peer: { name: 'Python RawValue, with lock', p50: 2_300_000, ratio: 12 },
  peers: [
    { name: 'Python RawValue, with lock', p50: 2_300_000, ratio: 12 },
    { name: 'Python Value, with get_lock()', p50: 900, ratio: null },
  ],
  doubts: [],
};

const report: BenchReport = {
  version: 1,
  kind: 'bench',
  rows: [
    throughput,
    { ...throughput, metric: 'fairness', unit: 'min/max', min: 0.4, p50: 0.684, max: 1, peer: null, peers: [] },
    {
      ...throughput,
      mechanism: 'list',
      how: null,
      processes: 1,
      metric: 'wall clock',
      unit: 'ms',
      better: 'lower',
      min: 40,
      p50: 41.5,
      p99: 1200,
      max: 1200,
      peer: { name: 'python3', p50: 16.5, ratio: 0.398 },
      peers: [{ name: 'python3', p50: 16.5, ratio: 0.398 }],
      doubts: ['noisy: the middle half of the samples spans 31 % of p50, and so on until the line is full'],
    },
  ],
  mechanisms: [
    { name: 'locked-increments', about: 'counter.value += 1 under a lock' },
    { name: 'list', about: 'ipc-lab list, the whole command' },
  ],
  placement: 'free',
  python: 'Python 3.11.2 (/usr/bin/python3)',
  wallMs: 4750,
  notes: ['A note.'],
  machine: { node: 'v20.20.2', platform: 'linux/x64', cores: 2, cpu: 'A CPU', kernel: '6.1' },
};

describe('renderBench', () => {
  test('shows ours, theirs below it, and what speaks against them', () => {
    expect(renderBench(report, plainStyle())).toMatchInlineSnapshot(`
      "                                                P50       MIN       MAX   RATIO

      locked-increments: counter.value += 1 under a lock
        acquire, release, 2 processes            27.6 M/s  26.2 M/s  28.8 M/s
          Python RawValue, with lock             2.30 M/s                      12.0 ×
          Python Value, with get_lock()            900 /s                           -
        acquire, release, 2 processes, fairness      0.68      0.40      1.00

      list: ipc-lab list, the whole command
        wall clock                                41.5 ms   40.0 ms    1.20 s
          python3                                 16.5 ms                      0.40 ×
            doubtful: noisy: the middle half of the samples spans 31 % of p50, and so
            on until the line is full

      7 samples of each, ours and theirs in turn; a ratio above 1 means that we are
      better.
      Processes run where the system puts them, on 2 cores.
      Node 20.20.2, Python 3.11.2 (/usr/bin/python3), linux/x64 6.1, A CPU; took 4.75
      s.
      A note.
      "
    `);
  });

  test('keeps to 80 columns, and to plain characters when asked', () => {
    const text = renderBench(report, plainStyle(80, true));
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
  });

  test('says nothing of a comparison without a peer', () => {
    const alone = { ...report, python: null, rows: [{ ...throughput, peer: null, peers: [] }] };
    expect(renderBench(alone, plainStyle())).not.toMatch(/ours and theirs|ratio above/);
  });

  test('renders a report that came back from JSON', () => {
    const again = JSON.parse(JSON.stringify(report)) as BenchReport;
    expect(renderBench(again, plainStyle())).toBe(renderBench(report, plainStyle()));
  });
});

test('renderBenchMarkdown gives a table for each mechanism, a line for each peer', () => {
  expect(renderBenchMarkdown(report)).toMatchInlineSnapshot(`
    "A CPU, 2 cores, linux/x64 6.1, Node 20.20.2, Python 3.11.2 (/usr/bin/python3), processes where the system puts them; medians of 7. A note.

    **locked-increments**: counter.value += 1 under a lock

    | what | ipc-lab | beside it |  | ratio | doubtful because |
    | --- | ---: | --- | ---: | ---: | --- |
    | acquire, release, 2 processes | 27.6 M/s | Python RawValue, with lock | 2.30 M/s | 12.0 |  |
    |  |  | Python Value, with get_lock() | 900 /s |  |  |
    | acquire, release, 2 processes, fairness | 0.68 |  |  |  |  |

    **list**: ipc-lab list, the whole command

    | what | ipc-lab | beside it |  | ratio | doubtful because |
    | --- | ---: | --- | ---: | ---: | --- |
    | wall clock | 41.5 ms | python3 | 16.5 ms | 0.40 | noisy: the middle half of the samples spans 31 % of p50, and so on until the line is full |
    "
  `);
});
