/**
 * Turns any value that crosses between processes into one that JSON can hold: whole numbers of 64 bits become strings of digits, numbers that
 * JSON lacks their names, maps and sets arrays, undefined null.
 */
export function jsonValue(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(jsonValue);
  if (ArrayBuffer.isView(value))
    return value instanceof DataView ? null : Array.from(value as unknown as Iterable<unknown>, jsonValue);
  if (value instanceof Map) return Array.from(value, ([key, entry]) => [jsonValue(key), jsonValue(entry)]);
  if (value instanceof Set) return Array.from(value, jsonValue);
  if (value instanceof Date) return value.toJSON();
  if (value instanceof Error) return { name: value.name, message: value.message };
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, jsonValue(entry)]));
}
