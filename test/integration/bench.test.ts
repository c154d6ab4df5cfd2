import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runBench } from '#src/bench/run-bench.js';
import type { BenchReport } from '#src/report/bench.js';

const BIN = fileURLToPath(new URL('../../bin/ipc-lab.js', import.meta.url));

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [BIN, 'bench', ...args], { encoding: 'utf8', timeout: 50_000 });
}

const row = {
  mechanism: 'unlocked-increments',
  how: null,
  processes: expect.any(Number),
  metric: expect.stringMatching(/^(throughput|fairness)$/),
  unit: expect.stringMatching(/^(op\/s|min\/max)$/),
  better: 'higher',
  size: null,
  samples: 1,
  min: expect.any(Number),
  p50: expect.any(Number),
  p99: expect.any(Number),
  max: expect.any(Number),
  peers: expect.any(Array),
  doubts: expect.arrayContaining([expect.stringContaining('too few samples')]),
};

test('bench --json prints one document of the announced shape', () => {
  const { status, stdout, stderr } = bench('unlocked-increments', '--samples', '1', '--json');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const report = JSON.parse(stdout) as BenchReport;
  expect(report).toMatchObject({
    version: 1,
    kind: 'bench',
    placement: 'free',
    rows: [row, row, row],
    machine: { node: process.version, cores: expect.any(Number) },
  });
  for (const { min, p50, p99, max, peer, peers, metric } of report.rows) {
    expect(min).toBeGreaterThan(0);
    expect([p50, p99, max]).toEqual([min, min, min]);
    if (metric === 'fairness') expect(max).toBeLessThanOrEqual(1);
    if (report.python === null) expect({ peer, peers }).toEqual({ peer: null, peers: [] });
    else expect(peer).toEqual({ name: expect.any(String), p50: expect.any(Number), ratio: expect.any(Number) });
  }
  expect(report.notes.some((note) => note.includes('no python3'))).toBe(report.python === null);
});

test('a mechanism that does not exist is a mistake of the user, with a suggestion', () => {
  const { status, stdout, stderr } = bench('locked-increment');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain('Did you mean locked-increments?');
});

test('a number of samples that is none is a mistake of the user', () => {
  expect(bench('--samples', '0').status).toBe(2);
  expect(bench('--samples', 'many').status).toBe(2);
});

test('what takes several processes is measured, beside Python', async () => {
  const mechanisms = [
    'semaphore',
    'event-rounds',
    'condition-rounds',
    'barrier-rounds',
    'pipe-rounds',
    'pipe',
    'shared-memory-ring',
  ];
  const { rows, python } = await runBench({ mechanisms, samples: 1, warmUpMs: 1, windowMs: 5 });
  expect([...new Set(rows.map(({ mechanism }) => mechanism))]).toEqual(mechanisms);
  for (const { p50, peers } of rows) {
    expect(p50).toBeGreaterThan(0);
    expect(peers.length > 0).toBe(python !== null);
    for (const peer of peers) expect(peer.p50).toBeGreaterThan(0);
  }
});
