import { describe, expect, test } from 'vitest';
import { readSources, type SourceText } from './module-graph.ts';

const maxLines = 300;
const vagueName = /(^|[-.])(utils?|helpers?|common|misc)([-.]|$)/;

function findTooLong(sources: readonly SourceText[]): string[] {
  return sources
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0) }))
    .filter(({ lines }) => lines > maxLines)
    .map(({ path, lines }) => `${path} has ${lines} lines: which two things is it?`);
}

function findVague(paths: readonly string[]): string[] {
  return paths.filter((path) => path.split('/').some((part) => vagueName.test(part)));
}

function findMisspelt(paths: readonly string[]): string[] {
  return paths.filter((path) => !/^([a-z0-9-]+\/)*[a-z0-9-]+(\.[a-z0-9-]+)*\.ts$/.test(path));
}

describe('layout', () => {
  const sources = ['src', 'scenarios', 'test', 'bench'].flatMap((folder) => readSources(folder, /\.([cm]?[jt]s|py)$/));
  const paths = sources.map(({ path }) => path).filter((path) => !path.startsWith('bench/'));

  test('has something to check', () => {
    const folders = new Set(sources.map(({ path }) => path.split('/')[0]));
    expect(folders).toEqual(new Set(['src', 'scenarios', 'test', 'bench']));
  });

  test('keeps every file to one subject', () => {
    expect(findTooLong(sources)).toEqual([]);
  });

  test('names every file for what it holds, in kebab-case', () => {
    expect(findVague(paths)).toEqual([]);
    expect(findMisspelt(paths)).toEqual([]);
  });

  test('would notice', () => {
    expect(findTooLong([{ path: 'src/a.ts', text: 'x\n'.repeat(maxLines) }])).toEqual([]);
    expect(findTooLong([{ path: 'src/a.ts', text: 'x\n'.repeat(maxLines + 1) }])).toHaveLength(1);
    expect(findVague(['src/core/utils.ts', 'src/common/a.ts', 'src/lab/lab-helpers.ts'])).toHaveLength(3);
    expect(findVague(['src/core/miscount.ts', 'src/core/errors.ts'])).toEqual([]);
    expect(findMisspelt(['src/core/IpcError.ts', 'src/core/ipc_error.ts', 'src/core/ipc-error.ts'])).toHaveLength(2);
  });
});
