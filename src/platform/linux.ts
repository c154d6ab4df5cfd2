/**
 * Linux, x64 and arm64, glibc and musl: memory from `memfd_create`, sleeping by `futex`, the rest from `/proc`.
 *
 * - Segments are memory files without a place in the file system: the kernel frees them with their last user, however that ended.
 *   They are sealed against shrinking, so that a mapping of one can never fault (SIGBUS) because somebody truncated it.
 * - Named segments are described in linux-named-segment.ts, files in linux-files.ts.
 * - The futex calls are the shared kind (no FUTEX_PRIVATE_FLAG): the waiter and the waker are different processes.
 *
 * Sources: memfd_create(2), fcntl(2) on seals, futex(2), sched_yield(2), prctl(2), mmap(2).
 */
import { fchmodSync, fstatSync, ftruncateSync, readlinkSync } from 'node:fs';
import os from 'node:os';
import koffi from 'koffi';
import { IpcError } from '../core/errors.ts';
import { errorName } from './file-error.ts';
import { guardForeign, viewMemory } from './foreign.ts';
import { LinuxFiles } from './linux-files.ts';
import { LinuxPipes } from './linux-pipes.ts';
import { LinuxSignals } from './linux-signals.ts';
import { ifNew, kernelNameOf, openByKernelName } from './linux-named-segment.ts';
import { identifyProcess, identifyThread, threadCpuMs } from './linux-proc.ts';
import type { Mapping, Platform, WaitOutcome } from './platform.ts';

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
/** Not counted as memory that might be asked for: or else some ninety closed labs later fork(2) fails with ENOMEM. */
const MAP_NORESERVE = 0x4000;
const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
const F_SEAL_SEAL = 1;
const F_SEAL_SHRINK = 2;
const F_SEAL_GROW = 4;
const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
/** Room for 1,024 processors, as glibc's cpu_set_t. */
const AFFINITY_BYTES = 128;
const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;
const _SC_PAGESIZE = 30;
const EINTR = 4;
const EAGAIN = 11;
const ENOSPC = 28;
const ENOMEM = 12;
const EOPNOTSUPP = 95;
const ETIMEDOUT = 110;

const FUTEX_SYSCALL: Readonly<Record<string, number>> = { x64: 202, arm64: 98 };
/** Where the timespec of a synchronous wait lives: in a page of its own, mapped once. */
const TIMESPEC_SYNC = 0n;
const TIMESPEC_ASYNC = 64n;

class LinuxMapping implements Mapping {
  readonly sizeBytes: number;
  readonly handle: bigint;
  readonly buffer: ArrayBuffer;
  readonly #replace: (address: bigint, sizeBytes: number) => void;
  #closed = false;

  constructor(
    address: bigint,
    sizeBytes: number,
    buffer: ArrayBuffer,
    replace: (address: bigint, sizeBytes: number) => void,
  ) {
    this.handle = address;
    this.sizeBytes = sizeBytes;
    this.buffer = buffer;
    this.#replace = replace;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#replace(this.handle, this.sizeBytes);
  }
}

/** Binds the calls once and returns the platform. Loads the foreign function library: about 5 ms. */
export function createLinuxPlatform(): Platform {
  const futexNumber = FUTEX_SYSCALL[process.arch];
  if (futexNumber === undefined) {
    throw new IpcError(
      'ERR_IPC_UNSUPPORTED',
      `ipc-lab does not know the number of the futex system call on linux/${process.arch}`,
      {
        hint: 'Use Linux on x64 or arm64.',
      },
    );
  }
  const libc = koffi.load(null);
  const mmap = libc.func(
    'void *mmap(void *address, size_t length, int protection, int flags, int descriptor, int64_t offset)',
  );
  const memfdCreate = libc.func('int memfd_create(const char *name, unsigned int flags)');
  const fcntl = libc.func('int fcntl(int descriptor, int command, ...)');
  const fallocate = libc.func('int fallocate(int descriptor, int mode, int64_t offset, int64_t length)');
  const prctl = libc.func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)');
  const schedGetAffinity = libc.func('int sched_getaffinity(int pid, size_t size, _Out_ uint8_t *mask)');
  const schedSetAffinity = libc.func('int sched_setaffinity(int pid, size_t size, const uint8_t *mask)');
  const schedYield = libc.func('int sched_yield()');
  const gettid = libc.func('int gettid()');
  const sysconf = libc.func('long sysconf(int name)');
  const futex = libc.func('syscall', 'long', [
    'long',
    'uintptr_t',
    'int',
    'uint32_t',
    'uintptr_t',
    'uintptr_t',
    'uint32_t',
  ]);

  const mapOrThrow = (address: bigint | null, length: number, flags: number, descriptor: number): bigint => {
    const mapped: unknown = mmap(address, length, PROT_READ_WRITE, flags, descriptor, 0);
    // MAP_FAILED is (void *) -1.
    if (typeof mapped === 'bigint' && BigInt.asIntN(64, mapped) !== -1n) return mapped;
    throw systemError('mmap', `map ${length} bytes of memory`);
  };
  const systemError = (call: string, intent: string): IpcError => {
    const errno = koffi.errno();
    return new IpcError(
      errno === ENOMEM || errno === ENOSPC ? 'ERR_IPC_OUT_OF_MEMORY' : 'ERR_IPC_INTERNAL',
      `cannot ${intent}: ${call} failed (${errorName(errno)})`,
    );
  };

  const pageSizeBytes = Number(sysconf(_SC_PAGESIZE));
  const scratchAddress = mapOrThrow(null, pageSizeBytes, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  const scratch = new BigInt64Array(koffi.view(scratchAddress, pageSizeBytes));

  const writeTimespec = (offset: bigint, timeoutMs: number): bigint => {
    const at = Number(offset / 8n);
    const whole = Math.floor(timeoutMs / 1000);
    scratch[at] = BigInt(whole);
    scratch[at + 1] = BigInt(Math.max(0, Math.round((timeoutMs - whole * 1000) * 1e6)));
    return scratchAddress + offset;
  };
  const outcomeOf = (result: number, errno: number): WaitOutcome => {
    if (result === 0 || errno === EINTR) return 'woken';
    if (errno === EAGAIN) return 'changed';
    if (errno === ETIMEDOUT) return 'timed-out';
    throw new IpcError('ERR_IPC_INTERNAL', `futex wait failed (${errorName(errno)})`);
  };

  const createSegment = (kernelName: string, sizeBytes: number): number => {
    const descriptor: unknown = memfdCreate(kernelName, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (typeof descriptor !== 'number' || descriptor < 0) throw systemError('memfd_create', 'create shared memory');
    fchmodSync(descriptor, 0o600);
    ftruncateSync(descriptor, sizeBytes);
    if (fcntl(descriptor, F_ADD_SEALS, 'int', F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) !== 0)
      throw systemError('fcntl', 'seal shared memory');
    return descriptor;
  };

  return {
    name: `linux/${process.arch}`,
    pageSizeBytes,
    cores: os.availableParallelism(),
    files: new LinuxFiles(),
    pipes: new LinuxPipes(),
    signals: new LinuxSignals(),

    createSegment: (sizeBytes) => createSegment('ipc-lab', sizeBytes),
    createNamedSegment(name, sizeBytes) {
      const kernelName = kernelNameOf(name);
      return ifNew(kernelName, () => createSegment(kernelName, sizeBytes));
    },
    openNamedSegment: (name) => openByKernelName(kernelNameOf(name)),
    unlinkNamedSegment: (descriptor) => fchmodSync(descriptor, 0),
    segmentSize: (descriptor) => fstatSync(descriptor).size,

    map(descriptor, sizeBytes) {
      const address = mapOrThrow(null, sizeBytes, MAP_SHARED, descriptor);
      return new LinuxMapping(address, sizeBytes, viewMemory(address, sizeBytes), (at, length) => {
        mapOrThrow(at, length, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1);
      });
    },

    view: (handle, sizeBytes) => new LinuxMapping(handle, sizeBytes, viewMemory(handle, sizeBytes), () => {}),

    commit(descriptor, byteOffset, sizeBytes) {
      for (;;) {
        if (fallocate(descriptor, 0, byteOffset, sizeBytes) === 0) return true;
        const errno = koffi.errno();
        if (errno === EINTR) continue;
        if (errno === EOPNOTSUPP) return true;
        if (errno === ENOSPC || errno === ENOMEM) return false;
        throw systemError('fallocate', `reserve ${sizeBytes} bytes of shared memory`);
      }
    },

    decommit: (descriptor, byteOffset, sizeBytes) =>
      fallocate(descriptor, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, byteOffset, sizeBytes) === 0,

    wait(mapping, byteOffset, expected, timeoutMs) {
      const address = addressOf(mapping, byteOffset);
      const result: unknown = futex(
        futexNumber,
        address,
        FUTEX_WAIT,
        expected >>> 0,
        writeTimespec(TIMESPEC_SYNC, timeoutMs),
        0,
        0,
      );
      return result === 0 ? 'woken' : outcomeOf(-1, koffi.errno());
    },

    yieldProcessor: () => void schedYield(),

    waitAsync(mapping, byteOffset, expected, timeoutMs) {
      const address = addressOf(mapping, byteOffset);
      const timespec = writeTimespec(TIMESPEC_ASYNC, timeoutMs);
      return new Promise((resolve, reject) => {
        futex.async(
          futexNumber,
          address,
          FUTEX_WAIT,
          expected >>> 0,
          timespec,
          0,
          0,
          (error: unknown, result: unknown) => {
            // errno belongs to the pool's thread and cannot be read here. A spurious "woken" is allowed: the caller looks at its cell again.
            if (error instanceof Error) reject(error);
            else resolve(result === 0 ? 'woken' : 'changed');
          },
        );
      });
    },

    wake(mapping, byteOffset, count) {
      return Number(futex(futexNumber, addressOf(mapping, byteOffset), FUTEX_WAKE, count, 0, 0, 0));
    },

    identify: identifyProcess,

    // As in `pid:[4026531836]`.
    processNamespace: () => /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '',

    threadId: () => Number(gettid()),

    identifyThread,

    stayOnOneProcessor() {
      const mask = Buffer.alloc(AFFINITY_BYTES);
      if (schedGetAffinity(0, mask.length, mask) !== 0) return;
      const first = mask.findIndex((byte) => byte !== 0);
      if (first < 0) return;
      const bits = mask[first] ?? 0;
      mask.fill(0);
      mask[first] = bits & -bits;
      schedSetAffinity(0, mask.length, mask);
    },

    threadCpuMs,
    guardBinding: guardForeign,

    dieWithParent(parentPid) {
      if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) !== 0)
        throw systemError('prctl', 'ask to die with the parent process');
      // The parent may have ended before the request took effect.
      return process.ppid === parentPid;
    },
  };
}

function addressOf(mapping: Mapping, byteOffset: number): bigint {
  if (mapping instanceof LinuxMapping) return mapping.handle + BigInt(byteOffset);
  throw new IpcError('ERR_IPC_INTERNAL', 'the mapping belongs to another platform');
}
