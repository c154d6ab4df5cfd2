/** The shapes of the JSON documents, version 1. Fields may be added; none of these may go or change. */
import { expect } from 'vitest';

const text = expect.any(String) as string;
const number = expect.any(Number) as number;
const textOrNull = expect.toBeOneOf([expect.any(String), null]) as string | null;
const numberOrNull = expect.toBeOneOf([expect.any(Number), null]) as number | null;

const machine = { node: text, platform: text, cores: number, cpu: text, kernel: text };

/** Fails when a document is not of the shape; then vitest shows where. */
export function expectRun(document: unknown): void {
  expect(document).toMatchObject({
    version: 1,
    kind: 'run',
    scenario: text,
    title: text,
    ok: expect.any(Boolean) as boolean,
    params: expect.any(Object) as object,
    wallMs: number,
    processes: expect.any(Array) as unknown[],
    shared: expect.any(Array) as unknown[],
    failures: expect.any(Array) as unknown[],
    notes: expect.any(Array) as unknown[],
    machine,
  });
  const run = document as Record<'processes' | 'shared' | 'failures' | 'notes', unknown[]>;
  expect(document).toHaveProperty('result');
  expect(document).toHaveProperty('expected');
  expect(document).toHaveProperty('grade');
  for (const each of run.processes) {
    expect(each).toMatchObject({
      name: text,
      pid: number,
      exitCode: numberOrNull,
      signal: textOrNull,
      startMs: numberOrNull,
      workMs: numberOrNull,
    });
  }
  for (const each of run.shared) {
    expect(each).toMatchObject({ name: text, kind: text, code: textOrNull });
    expect(each).toHaveProperty('before');
    expect(each).toHaveProperty('after');
  }
  for (const each of run.failures) {
    expect(each).toMatchObject({ code: text, message: text, hint: textOrNull, process: textOrNull, stack: textOrNull });
  }
  for (const each of run.notes) expect(each).toEqual(text);
}

export function expectRunAll(document: unknown): void {
  expect(document).toMatchObject({ version: 1, kind: 'run-all', ok: expect.any(Boolean) as boolean });
  const { runs } = document as { runs: unknown[] };
  expect(runs.length).toBeGreaterThan(0);
  for (const run of runs) expectRun(run);
}

export function expectList(document: unknown): void {
  expect(document).toMatchObject({ version: 1, kind: 'list' });
  const { scenarios } = document as { scenarios: { params: Record<string, unknown> }[] };
  expect(scenarios.length).toBeGreaterThan(1);
  for (const each of scenarios) {
    expect(each).toMatchObject({ name: text, title: text, topic: text, teaches: expect.any(Array) as unknown[] });
    for (const parameter of Object.values(each.params)) expect(parameter).toHaveProperty('default');
  }
}

export function expectError(document: unknown, code: string): void {
  expect(document).toEqual({ version: 1, kind: 'error', code, message: text, hint: textOrNull });
}

export function expectExplore(document: unknown): void {
  expect(document).toMatchObject({
    version: 1,
    kind: 'explore',
    program: text,
    title: text,
    params: expect.any(Object) as object,
    actors: number,
    model: 'SC',
    granularity: 'operation',
    verdict: expect.toBeOneOf(['PROVEN', 'VIOLATION', 'INCOMPLETE']) as string,
    complete: expect.any(Boolean) as boolean,
    bound: textOrNull,
    schedules: number,
    redundant: number,
    steps: number,
    wallMs: number,
    schedulesPerSec: number,
    canary: expect.toBeOneOf([true, false, null]) as boolean | null,
    meantToFail: expect.any(Boolean) as boolean,
    machine,
  });
  const { outcomes, deadlocks } = document as Record<'outcomes' | 'deadlocks', unknown[]>;
  for (const each of outcomes) {
    expect(each).toMatchObject({
      failed: expect.any(Boolean) as boolean,
      grade: expect.toBeOneOf(['acceptable', 'interesting', 'forbidden']) as string,
      schedules: number,
      token: text,
      preemptions: number,
    });
    expect(each).toHaveProperty('outcome');
  }
  for (const each of deadlocks)
    expect(each).toMatchObject({ token: text, cycle: expect.arrayContaining([text]) as string[], schedules: number });
}

export function expectExploreAll(document: unknown): void {
  expect(document).toMatchObject({ version: 1, kind: 'explore-all', ok: expect.any(Boolean) as boolean });
  const { explorations } = document as { explorations: unknown[] };
  expect(explorations.length).toBeGreaterThan(1);
  for (const exploration of explorations) expectExplore(exploration);
}

export function expectReplay(document: unknown): void {
  expect(document).toMatchObject({
    version: 1,
    kind: 'replay',
    token: text,
    program: text,
    title: text,
    params: expect.any(Object) as object,
    schedule: text,
    failed: expect.any(Boolean) as boolean,
    grade: text,
    runs: number,
    same: number,
    sentence: text,
    machine,
  });
  expect(document).toHaveProperty('outcome');
  for (const step of (document as { steps: unknown[] }).steps) {
    expect(step).toMatchObject({
      actor: expect.stringMatching(/^[A-P]$/) as string,
      operation: text,
      object: textOrNull,
      preempts: expect.any(Boolean) as boolean,
      shared: expect.any(Object) as object,
    });
    expect(step).toHaveProperty('value');
  }
}
