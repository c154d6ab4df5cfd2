/** The seed of this run of a randomised test: `IPC_LAB_SEED`, or a new one. Printed, so that a failure can be repeated. */
export function printedSeed(what: string): number {
  const given = process.env['IPC_LAB_SEED'];
  const seed = (given === undefined ? Date.now() : Number(given)) >>> 0;
  process.stdout.write(`${what}: seed ${seed} (repeat with IPC_LAB_SEED=${seed})\n`);
  return seed;
}

/** Whether the long forms of the stress tests were asked for. */
export const longStress = process.env['IPC_LAB_STRESS'] === '1';
