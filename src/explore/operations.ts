/** What a step can be, as people read it. */
export const OPERATIONS = [
  'LOAD',
  'STORE',
  'ADD',
  'LOCK',
  'UNLOCK',
  'TRY',
  'PUT',
  'GET',
  'STEP',
  'ATOMIC',
  'SPIN',
  'ACQUIRE',
  'RELEASE',
  'SET',
  'CLEAR',
  'WAIT',
  'NOTIFY',
  'ARRIVE',
  'AWAKE',
  // Steps that there are at the granularity of cells only.
  'EXCHANGE',
  'CAS',
  'SLEEP',
  'WAKE',
] as const;

export type Operation = (typeof OPERATIONS)[number];

/** The number of an operation in shared memory. */
export function operationIndex(operation: Operation): number {
  return OPERATIONS.indexOf(operation);
}
