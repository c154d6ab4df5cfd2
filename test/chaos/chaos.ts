/**
 * Kills whoever uses a primitive, one primitive after the other, for as long as was asked; prints a line for each.
 *
 *     npm run chaos -- --minutes 10 --seed 7 --primitive Queue --kills 200 --way process
 */
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { RunReport } from '#src/report/run.js';
import { runScenario } from '#supervisor/scenario/run-scenario';
import { whatIsLeft } from '../leaks.ts';
import { DRILLS } from './drills.ts';
import type { ChaosResult } from './fixtures/chaos.ts';

/** So many kills a primitive in ten minutes at least, and in less time as many fewer. */
const KILLS_IN_TEN_MINUTES = 200;
const FIXTURE = new URL('./fixtures/chaos.js', import.meta.url).href;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    primitive: { type: 'string', multiple: true, default: Object.keys(DRILLS) },
    kills: { type: 'string' },
    way: { type: 'string', default: 'process' },
  },
});

const minutes = Number(values.minutes);
const seed = (values.seed === undefined ? Date.now() : Number(values.seed)) >>> 0;
const kills = Number(values.kills ?? Math.max(1, Math.round((KILLS_IN_TEN_MINUTES * minutes) / 10)));
const primitives = values.primitive;
const until = performance.now() + minutes * 60_000;

// Node 20 reads these certificates whenever a process starts, which takes as long as all the rest of it; nobody here needs them.
delete process.env['NODE_EXTRA_CA_CERTS'];
process.stdout.write(`seed ${seed}, ${minutes} minutes, at least ${kills} kills a primitive\n`);
// Some things are opened once and for all.
await runScenario(FIXTURE, { params: { kills: '1' } });
let [failed, killed] = [0, 0];
const started = performance.now();
for (const [i, primitive] of primitives.entries()) {
  const forMs = Math.max(0, (until - performance.now()) / (primitives.length - i));
  const wrong = await survives(primitive, forMs);
  if (wrong.length === 0) continue;
  failed++;
  const again = `npm run chaos -- --primitive ${primitive} --seed ${seed} --kills ${kills} --minutes ${minutes}`;
  process.stdout.write([...wrong, `again: ${again}`].map((line) => `    ${line}\n`).join(''));
}
process.stdout.write(`${killed} kills in ${((performance.now() - started) / 60_000).toFixed(1)} minutes\n`);
process.stdout.write(`${primitives.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

/** Puts a primitive through it; returns what was wrong. */
async function survives(primitive: string, forMs: number): Promise<string[]> {
  const filesBefore = readdirSync('/proc/self/fd').length;
  let report: RunReport;
  try {
    report = await runScenario(FIXTURE, {
      params: {
        primitive,
        way: values.way,
        kills: `${kills}`,
        milliseconds: `${Math.round(forMs)}`,
        seed: `${seed}`,
      },
      // A kill takes a tenth of a second; what takes twenty times as long hangs.
      timeoutMs: 60_000 + forMs + kills * 2000,
    });
  } catch (error) {
    process.stdout.write(`${primitive.padEnd(17)} failed\n`);
    return [String(error)];
  }
  const wrong = report.failures.map(({ process, message }) => `${process ?? 'supervisor'}: ${message}`);
  if (!report.ok && wrong.length === 0) wrong.push('it did not end well');
  const files = readdirSync('/proc/self/fd').length;
  if (files > filesBefore) wrong.push(`${files} descriptors are open, ${filesBefore} were`);
  for (const left of Object.values(whatIsLeft()).flat()) wrong.push(`left: ${left}`);
  const seconds = `${(report.wallMs / 1000).toFixed(1)} s`;
  const result = report.result as ChaosResult | null;
  killed += result?.kills ?? 0;
  const said =
    result === null
      ? 'failed'
      : `${result.kills} kills, slowest recovery ${Math.round(result.slowestMs)} ms, ${result.lostBytes} bytes lost`;
  process.stdout.write(`${primitive.padEnd(17)} ${said} (${seconds})\n`);
  return wrong;
}
