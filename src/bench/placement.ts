/** Where the benchmark and all that it starts may run. Hand-overs within a core and across cores differ tenfold, so the placement is stated. */
import { IpcError } from '../core/errors.ts';
import { runToEnd } from './wall-clock.ts';

/**
 * Confines this process, and so whatever it starts from now on, to the first core it may use. Returns what lifts that again.
 * @throws IpcError `ERR_IPC_UNSUPPORTED` where there is no taskset
 */
export async function confineToOneCore(): Promise<() => Promise<void>> {
  const allowed = await taskset('-cp', String(process.pid));
  const list = /: *([\d,-]+)\s*$/.exec(allowed)?.[1];
  const first = /^\d+/.exec(list ?? '')?.[0];
  if (list === undefined || first === undefined) {
    throw new IpcError('ERR_IPC_UNSUPPORTED', `taskset does not say where this process may run: ${allowed}`);
  }
  await taskset('-acp', first, String(process.pid));
  return async () => {
    await taskset('-acp', list, String(process.pid));
  };
}

async function taskset(...args: string[]): Promise<string> {
  try {
    return (await runToEnd('taskset', args)).stdout;
  } catch (cause) {
    throw new IpcError('ERR_IPC_UNSUPPORTED', 'processes cannot be confined to one core here', {
      hint: 'It takes the program taskset, which is part of util-linux.',
      cause,
    });
  }
}
