import { Primitive } from '../primitives/primitive.ts';

/** Replaces each primitive in a value of arrays and plain objects. */
export function mapPrimitives(value: unknown, replace: (primitive: Primitive) => unknown): unknown {
  if (value instanceof Primitive) return replace(value);
  if (Array.isArray(value)) return value.map((each) => mapPrimitives(each, replace));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapPrimitives(each, replace)]));
}

/** All primitives in a value, in order. */
export function primitivesIn(value: unknown): Primitive[] {
  const found: Primitive[] = [];
  mapPrimitives(value, (primitive) => found.push(primitive));
  return found;
}
