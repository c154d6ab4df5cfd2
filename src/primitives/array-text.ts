import type { RawArray } from './raw-array.ts';
import type { TypeCode } from './type-code.ts';

/** As many as Node itself shows of an array. */
export const MOST_ON_CONSOLE = 100;

/** An array as text: its first elements, and how many there are besides. @param kind what it is called */
export function textOf(kind: string, array: RawArray<TypeCode>, most = array.length): string {
  const rest = array.length - Math.min(most, array.length);
  const elements = array.slice(0, most).map(String);
  return `${kind}('${array.code}', [${[...elements, ...(rest > 0 ? [`… and ${rest} more`] : [])].join(', ')}])`;
}
