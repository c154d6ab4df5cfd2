/** docs/python.md says of every public name of Python's modules what takes its place: in the section of its module, as code. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface PythonNames {
  readonly python: string;
  readonly names: Readonly<Record<string, readonly string[]>>;
}

const PAGE = readFileSync(new URL('../../docs/python.md', import.meta.url), 'utf8');
const { python, names } = JSON.parse(
  readFileSync(new URL('fixtures/python-names.json', import.meta.url), 'utf8'),
) as PythonNames;

/** What is below the heading of a module, up to the next one. */
function sectionOf(module: string): string {
  const from = PAGE.indexOf(`\n## ${module}\n`);
  expect(from, `there is no section ${module}`).toBeGreaterThan(0);
  const to = PAGE.indexOf('\n## ', from + 1);
  return PAGE.slice(from, to);
}

/** The names that a section speaks of. */
function namesIn(section: string): ReadonlySet<string> {
  const codes = Array.from(section.matchAll(/`([^`]+)`/g), ([, code = '']) => code);
  return new Set(codes.flatMap((code) => code.match(/\w+/g) ?? []));
}

describe('docs/python.md', () => {
  test.each(Object.entries(names))('leaves out no name of %s', (module, expected) => {
    expect(expected).not.toEqual([]);
    const spoken = namesIn(sectionOf(module));
    expect(expected.filter((name) => !spoken.has(name))).toEqual([]);
  });

  test('names the version of Python whose names these are', () => {
    expect(PAGE).toContain(`Python ${python.split('.').slice(0, 2).join('.')} `);
  });
});
