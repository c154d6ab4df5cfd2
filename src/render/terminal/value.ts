/** A value of a report in one line, as a programmer would write it: `{ counter: 10000, numbers: [1,4,9,16,25] }`. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return printable(value);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value).map(([key, entry]) => `${printable(key)}: ${nested(entry)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  return nested(value);
}

function nested(value: unknown): string {
  return Array.isArray(value)
    ? `[${value.map(nested).join(',')}]`
    : typeof value === 'object' && value !== null
      ? valueText(value)
      : printable(JSON.stringify(value));
}

/** Control characters as escapes, so that data cannot move the cursor or break a table. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (character) =>
    character < ' '
      ? JSON.stringify(character).slice(1, -1)
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A duration in the unit that suits it, to three digits. */
export function durationText(ms: number | null, ascii = false): string {
  if (ms === null) return '-';
  if (ms >= 1000) return `${(ms / 1000).toPrecision(3)} s`;
  if (ms >= 100) return `${ms.toFixed(0)} ms`;
  return ms >= 0.1 ? `${ms.toFixed(1)} ms` : `${(ms * 1000).toFixed(0)} ${ascii ? 'us' : 'µs'}`;
}
