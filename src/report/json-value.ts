/**
 * Turns any value that crosses between processes into one that JSON can hold: whole numbers of 64 bits become strings of digits, numbers that
 * JSON lacks their names, maps and sets arrays, undefined null, and a cycle the word `[circular]` where it closes.
 */
export function jsonValue(value: unknown): unknown {
  return convert(value, []);
}

function convert(value: unknown, around: readonly object[]): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object') return value;
  if (around.includes(value)) return '[circular]';
  const inside = [...around, value];
  const inner = (each: unknown): unknown => convert(each, inside);
  if (Array.isArray(value)) return value.map(inner);
  if (ArrayBuffer.isView(value))
    return value instanceof DataView ? null : Array.from(value as unknown as Iterable<unknown>, inner);
  if (value instanceof Map) return Array.from(value, ([key, entry]) => [inner(key), inner(entry)]);
  if (value instanceof Set) return Array.from(value, inner);
  if (value instanceof Date) return value.toJSON();
  if (value instanceof Error) return { name: value.name, message: value.message };
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, inner(entry)]));
}
