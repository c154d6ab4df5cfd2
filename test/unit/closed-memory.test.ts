import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LabMemory } from '#src/memory/lab-memory.js';
import { currentPlatform } from '#src/platform/current.js';

/** Memory that this process might still ask the kernel for, in KiB. What is only reserved address space is not in it. */
function accountedKiB(): number {
  const mappings = readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  return mappings
    .filter((mapping) => /^VmFlags:.* ac\b/m.test(mapping))
    .reduce((sum, mapping) => sum + Number(/^Size: +(\d+) kB/m.exec(mapping)?.[1]), 0);
}

test.runIf(process.platform === 'linux')(
  'labs that are closed do not add up until no process can be started any more',
  () => {
    const before = accountedKiB();
    for (let lab = 0; lab < 100; lab++) LabMemory.create(currentPlatform()).close();
    expect(accountedKiB() - before).toBeLessThan(1024 * 1024);
  },
);
