/**
 * A regular file, mapped shared, on Linux.
 *
 * Whoever touches a page of a mapping that the file has no longer is killed (SIGBUS), and nobody can prevent others from truncating a file of
 * theirs. So bytes are copied in and out by the kernel, from this process to itself (process_vm_readv and process_vm_writev): where a plain
 * access would raise SIGBUS they return EFAULT. They see the very pages of the mapping, and cost one system call. A file that ends inside a
 * page faults nowhere in that page, so its size is looked at too: after reading, and before and after writing.
 *
 * Where the calls are refused (a sandbox, an emulator), pread and pwrite on the file take their place: Linux keeps them coherent with
 * mappings, but a pwrite can make a file longer again that shrinks between the look and the call.
 *
 * Sources: process_vm_readv(2), mmap(2) on SIGBUS, fallocate(2).
 */
import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { errorName, fileError, fileErrorFrom } from './file-error.ts';
import { type Direction, type FileCalls, REFUSED } from './linux-file-calls.ts';
import type { FileMapping } from './platform.ts';

const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_NORESERVE = 0x4000;
const FALLOC_FL_KEEP_SIZE = 1;
export const EOPNOTSUPP = 95;

export class LinuxFileMapping implements FileMapping {
  readonly path: string;
  readonly label: string;
  readonly identity: string;
  readonly sizeBytes: number;
  readonly #calls: FileCalls;
  readonly #descriptor: number;
  readonly #address: bigint;
  #copies: boolean;
  #exposed: ArrayBuffer | undefined;
  #closed = false;

  constructor(calls: FileCalls, descriptor: number, path: string, label: string, sizeBytes: number, copies: boolean) {
    const mapped = calls.map(null, sizeBytes, MAP_SHARED, descriptor);
    if (mapped === undefined) throw fileError('map', label, errorName(calls.lastError()));
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    this.path = path;
    this.label = label;
    this.identity = `${dev}:${ino}`;
    this.sizeBytes = sizeBytes;
    this.#calls = calls;
    this.#descriptor = descriptor;
    this.#address = mapped;
    this.#copies = copies;
  }

  read(byteOffset: number, target: Uint8Array): boolean {
    return this.#transfer('out', byteOffset, target);
  }

  write(byteOffset: number, source: Uint8Array): boolean {
    // In the page in which a file ends, bytes behind its end can be written, and are lost.
    if (!this.#intact()) return false;
    return this.#transfer('in', byteOffset, source);
  }

  expose(): ArrayBuffer | undefined {
    if (!this.#intact()) return undefined;
    if (this.#exposed === undefined) {
      // A hole that cannot be filled when it is first written to would be the end of the process.
      const failed = this.#calls.reserve(this.#descriptor, FALLOC_FL_KEEP_SIZE, this.sizeBytes);
      if (failed !== 0 && failed !== EOPNOTSUPP) throw fileError('reserve room for', this.label, errorName(failed));
      this.#exposed = this.#calls.view(this.#address, this.sizeBytes);
    }
    return this.#exposed;
  }

  flush(): void {
    const failed = this.#calls.flush(this.#address, this.sizeBytes);
    if (failed !== 0) throw fileError('flush', this.label, errorName(failed));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // A view cannot be taken back, so something harmless has to stay behind it.
    if (this.#exposed === undefined) this.#calls.unmap(this.#address, this.sizeBytes);
    else {
      const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
      this.#calls.map(this.#address, this.sizeBytes, flags, -1);
    }
    closeSync(this.#descriptor);
  }

  #intact(): boolean {
    return fstatSync(this.#descriptor).size >= this.sizeBytes;
  }

  #transfer(direction: Direction, byteOffset: number, bytes: Uint8Array): boolean {
    if (bytes.length === 0) return this.#intact();
    if (this.#copies) {
      const copied = this.#calls.transfer(direction, this.#address + BigInt(byteOffset), bytes);
      if (!this.#intact()) return false;
      if (copied === bytes.length) return true;
      if (copied === REFUSED) this.#copies = false;
    }
    // Also when the file is as long as ever and yet a page is not there: a hole and no room to fill it, or a disk that fails. The file says which.
    return this.#transferByFile(direction, byteOffset, bytes) && this.#intact();
  }

  #transferByFile(direction: Direction, byteOffset: number, bytes: Uint8Array): boolean {
    let done = 0;
    try {
      while (done < bytes.length) {
        const moved =
          direction === 'out'
            ? readSync(this.#descriptor, bytes, done, bytes.length - done, byteOffset + done)
            : writeSync(this.#descriptor, bytes, done, bytes.length - done, byteOffset + done);
        if (moved === 0) return false;
        done += moved;
      }
    } catch (error) {
      throw fileErrorFrom(direction === 'out' ? 'read' : 'write', this.label, error);
    }
    return true;
  }
}
