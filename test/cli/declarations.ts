/** What the package's declarations say: its exports, and the public members of its classes. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface ClassMembers {
  readonly name: string;
  readonly base: string | undefined;
  /** Names of what is neither private, protected nor internal. */
  readonly members: readonly string[];
}

/** The names that an index exports. */
export function exportedNames(file: string): { readonly name: string; readonly isType: boolean }[] {
  const text = readFileSync(file, 'utf8');
  return Array.from(text.matchAll(/^export (type )?\{(.*?)\} from/gms)).flatMap(([, allTypes, names = '']) =>
    Array.from(names.matchAll(/(type )?(\w+)/g), ([, type, name = '']) => ({
      name,
      isType: (allTypes ?? type) !== undefined,
    })),
  );
}

/** All classes that a folder's declarations export. */
export function publicClasses(folder: string): ClassMembers[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.d.ts'))
    .flatMap((file) => classesIn(readFileSync(path.join(folder, file), 'utf8')));
}

function classesIn(text: string): ClassMembers[] {
  const declared = text.matchAll(/^export declare (?:abstract )?class (\w+)(.*?)\{\n(.*?)^\}/gms);
  return Array.from(declared, ([, name = '', heritage = '', body = '']) => ({
    name,
    base: /extends (\w+)(?:<[^{]*>)?(?: implements|\s*$)/.exec(
      heritage.replace(/^<.*?>(?= extends| implements|\s*$)/, ''),
    )?.[1],
    members: membersIn(body),
  }));
}

function membersIn(body: string): string[] {
  const members = body.matchAll(
    /^( {4}\/\*\*.*?\*\/\n)?^ {4}((?:(?:abstract|readonly|static|get|set|protected|private) )*)(\w+)[?]?[(<:;]/gms,
  );
  return Array.from(members)
    .filter(([, comment = '', modifiers = '', name]) => {
      const hidden = /\b(private|protected|static)\b/.test(modifiers) || comment.includes('@internal');
      return !hidden && name !== 'constructor';
    })
    .map(([, , , name = '']) => name);
}
