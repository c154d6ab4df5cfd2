/**
 * Repeats the stress tests with new seeds until the time is over; every other round has one processor only.
 *
 *     npm run stress -- --minutes 10 --seed 7 --long
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Random } from '#src/core/random.js';
import { runVitest } from '../run-vitest.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    /** Each round is many times as long. */
    long: { type: 'boolean', default: false },
  },
});

const until = performance.now() + Number(values.minutes) * 60_000;
const seed = (values.seed === undefined ? Date.now() : Number(values.seed)) >>> 0;
const random = new Random(seed);
process.stdout.write(`seed ${seed}, ${values.minutes} minutes\n`);

let [passed, failed] = [0, 0];
for (let round = 1; round === 1 || performance.now() < until; round++) {
  const one = round % 2 === 0;
  const roundSeed = random.below(2 ** 32);
  // Two files beside each other on one processor, one of them with two hundred processes, would test patience only.
  const run = await runVitest(['test/stress', ...(one ? ['--maxWorkers=1'] : [])], {
    before: one ? ['taskset', '-c', `${firstProcessor()}`] : [],
    env: { IPC_LAB_SEED: `${roundSeed}`, ...(values.long ? { IPC_LAB_STRESS: '1' } : {}) },
  });
  passed += run.passed;
  failed += run.failed;
  process.stdout.write(
    `round ${round}, seed ${roundSeed}, ${one ? 'one processor' : 'all processors'}: ${run.passed} passed, ${run.failed} failed (${run.seconds.toFixed(0)} s)\n`,
  );
  if (run.failed > 0) process.stdout.write(run.output);
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

/** The first processor that this process may use. */
function firstProcessor(): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(/^Cpus_allowed_list:\s*(\d+)/m.exec(status)?.[1] ?? 0);
}
