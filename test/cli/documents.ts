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
