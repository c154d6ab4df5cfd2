/** A run that does what most processes do; then one of them keeps what V8 has made of the runtime. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { scenario } from 'ipc-lab';

const RUNTIME = new URL('../dist/bundle/runtime/', import.meta.url);
const require = createRequire(import.meta.url);

export default scenario({
  name: 'warm-up',
  title: 'What most processes do',
  teaches: ['Process'],
  run(lab) {
    const lock = lab.lock();
    const counter = lab.rawValue('i', 0);
    const queue = lab.queue();
    lab.join(lab.start(work, lab, lock, counter, queue));
    return counter.value;
  },
  expect: () => 1,
});

export function work(lab, lock, counter, queue) {
  lock.with(() => {
    counter.value += 1;
  });
  queue.put({ greeting: 'hello' });
  queue.get();
  lab.lock().close();
  require(fileURLToPath(new URL('load.cjs', RUNTIME))).keepCode();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { runScenario } = await import(new URL('../scenario/run-scenario.js', RUNTIME).href);
    const { ok, failures } = await runScenario(import.meta.url);
    if (!ok) throw new Error(JSON.stringify(failures));
  } catch (error) {
    console.error(`The warm-up failed: ${error.message}`);
    process.exitCode = 1;
  }
}
