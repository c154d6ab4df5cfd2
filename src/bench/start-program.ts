/** How long a process takes from the request to its first message, as a scenario. The message is a lock that the child releases. */
import type { Lock } from '../primitives/lock.ts';
import { scenario } from '../scenario/define.ts';

export default scenario({
  name: 'bench-start',
  title: 'A process start, measured',
  teaches: [],
  run(lab) {
    const silence = lab.lock();
    silence.acquire();
    const requestedAt = lab.now();
    const child = lab.start(speak, silence);
    silence.acquire();
    const latency = lab.now() - requestedAt;
    lab.join(child);
    return { latency };
  },
});

/** Runs in the child. */
export function speak(silence: Lock): void {
  silence.release();
}
