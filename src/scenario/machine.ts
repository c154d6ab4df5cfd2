import os from 'node:os';
import type { MachineReport } from '../report/run.ts';

/** What a measurement was made on. */
export function describeMachine(): MachineReport {
  return {
    node: process.version,
    platform: `${process.platform}/${process.arch}`,
    cores: os.availableParallelism(),
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    kernel: os.release(),
  };
}
