import { IpcError } from '../core/errors.ts';
import { createLinuxPlatform } from './linux.ts';
import type { Platform } from './platform.ts';

/** Returns what this operating system gives. @throws IpcError `ERR_IPC_UNSUPPORTED`, naming what is missing. */
export function currentPlatform(): Platform {
  if (process.platform === 'linux') return createLinuxPlatform();
  throw new IpcError(
    'ERR_IPC_UNSUPPORTED',
    `ipc-lab does not run on ${process.platform}/${process.arch} yet: ${missing(process.platform)}`,
    {
      hint: 'Use Linux on x64 or arm64; a container or WSL 2 will do.',
    },
  );
}

function missing(platform: NodeJS.Platform): string {
  switch (platform) {
    case 'darwin':
      return 'sleeping on shared memory (os_sync_wait_on_address) is not bound';
    case 'win32':
      return 'mapped sections and sleeping on them (CreateFileMapping, named events) are not bound';
    default:
      return 'shared memory and a futex are needed';
  }
}
