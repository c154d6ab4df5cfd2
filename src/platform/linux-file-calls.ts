/** The system calls that mapped files need, bound through the foreign function interface. */
import koffi, { type LibraryHandle } from 'koffi';
import { bindFunctions, viewMemory } from './foreign.ts';

const PROT_READ_WRITE = 3;
const MS_SYNC = 4;
const MFD_CLOEXEC = 1;
const EINTR = 4;
const EFAULT = 14;

/** The system refuses to copy between processes, even within one. */
export const REFUSED = -1;

export type Direction = 'in' | 'out';
export type FileCalls = ReturnType<typeof bindFileCalls>;

/** Binds the calls: a good 100 µs, so only when they are needed. */
export const bindFileCalls = () => bindFunctions(bind);

function bind(libc: LibraryHandle) {
  const mmap = libc.func('void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)');
  const munmap = libc.func('int munmap(uintptr_t address, size_t length)');
  const msync = libc.func('int msync(uintptr_t address, size_t length, int flags)');
  const fallocate = libc.func('int fallocate(int fd, int mode, int64_t offset, int64_t length)');
  const memfdCreate = libc.func('int memfd_create(const char *name, unsigned int flags)');
  const vector = 'int64_t %(int pid, void *local, unsigned long n, void *remote, unsigned long m, unsigned long flags)';
  const copy = {
    out: libc.func(vector.replace('%', 'process_vm_readv')),
    in: libc.func(vector.replace('%', 'process_vm_writev')),
  };
  /** Zero, or the number of the error. */
  const attempt = (call: () => unknown): number => {
    for (;;) {
      if (call() === 0) return 0;
      if (koffi.errno() !== EINTR) return koffi.errno();
    }
  };

  return {
    /** Returns the address, or undefined; then {@link lastError} says why. */
    map(at: bigint | null, sizeBytes: number, flags: number, descriptor: number): bigint | undefined {
      const mapped: unknown = mmap(at, sizeBytes, PROT_READ_WRITE, flags, descriptor, 0);
      // MAP_FAILED is (void *) -1.
      if (typeof mapped === 'bigint' && BigInt.asIntN(64, mapped) !== -1n) return mapped;
      return undefined;
    },
    view: (address: bigint, sizeBytes: number): ArrayBuffer => viewMemory(address, sizeBytes),
    lastError: (): number => koffi.errno(),
    unmap: (address: bigint, sizeBytes: number): unknown => munmap(address, sizeBytes),
    flush: (address: bigint, sizeBytes: number): number => attempt(() => msync(address, sizeBytes, MS_SYNC)),
    reserve: (descriptor: number, mode: number, sizeBytes: number): number =>
      attempt(() => fallocate(descriptor, mode, 0, sizeBytes)),
    memoryFile: (): unknown => memfdCreate('ipc-lab-file', MFD_CLOEXEC),

    /** Copies between the mapping and ordinary memory; returns how many bytes, fewer where the file has ended, or REFUSED. */
    transfer(direction: Direction, address: bigint, bytes: Uint8Array): number {
      const local = koffi.address(bytes);
      let done = 0;
      while (done < bytes.length) {
        const left = BigInt(bytes.length - done);
        const here = BigUint64Array.of(local + BigInt(done), left);
        const there = BigUint64Array.of(address + BigInt(done), left);
        const copied = Number(copy[direction](process.pid, here, 1, there, 1, 0));
        if (copied > 0) done += copied;
        else if (copied === 0 || koffi.errno() === EFAULT) break;
        else if (koffi.errno() !== EINTR) return REFUSED;
      }
      return done;
    },
  };
}
