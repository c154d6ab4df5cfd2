import { closeSync, fstatSync } from 'node:fs';
import { IpcError } from '../core/errors.ts';
import type { Mapping, Platform } from '../platform/platform.ts';

/**
 * Shared memory mapped into this process: nameless, for those who were handed its descriptor, or named, for the user's other processes.
 * Either kind vanishes with its last user, also when that was killed.
 */
export class Segment implements Disposable {
  readonly sizeBytes: number;
  readonly #platform: Platform;
  readonly #mapping: Mapping;
  readonly #descriptor: number;
  readonly #label: string;
  #closed = false;

  private constructor(
    platform: Platform,
    descriptor: number,
    sizeBytes: number,
    label: string,
    mapping: Mapping = platform.map(descriptor, sizeBytes),
  ) {
    this.#platform = platform;
    this.#descriptor = descriptor;
    this.sizeBytes = sizeBytes;
    this.#label = label;
    this.#mapping = mapping;
  }

  /** Makes a nameless segment of zeroes. */
  static create(platform: Platform, sizeBytes: number): Segment {
    return new Segment(platform, platform.createSegment(sizeBytes), sizeBytes, 'the segment');
  }

  /** Maps a segment whose descriptor was inherited. */
  static attach(platform: Platform, descriptor: number): Segment {
    return new Segment(platform, descriptor, platform.segmentSize(descriptor), 'the segment');
  }

  /**
   * A segment that the process has mapped already, seen from another of its threads; it belongs to the process and is never closed here.
   * (A mapping for each thread would be one that nobody takes away when the thread is ended: a process has room for some 65,000.)
   */
  static view(platform: Platform, descriptor: number, handle: bigint): Segment {
    const sizeBytes = platform.segmentSize(descriptor);
    return new Segment(platform, descriptor, sizeBytes, 'the segment', platform.view(handle, sizeBytes));
  }

  /** Makes a named segment of zeroes, private to the user. @throws IpcError `ERR_IPC_NAME_EXISTS` */
  static createNamed(platform: Platform, name: string, sizeBytes: number): Segment {
    const descriptor = platform.createNamedSegment(name, sizeBytes);
    if (descriptor === undefined) {
      throw new IpcError('ERR_IPC_NAME_EXISTS', `shared memory named ${JSON.stringify(name)} exists already`, {
        hint: 'Attach to it, unlink it first, or take another name.',
      });
    }
    if (platform.commit(descriptor, 0, sizeBytes))
      return new Segment(platform, descriptor, sizeBytes, `shared memory ${JSON.stringify(name)}`);
    closeSync(descriptor);
    throw new IpcError(
      'ERR_IPC_OUT_OF_MEMORY',
      `there are no ${sizeBytes} bytes of memory for ${JSON.stringify(name)}`,
    );
  }

  /** Maps the named segment that another process made. @throws IpcError `ERR_IPC_NAME_NOT_FOUND` */
  static attachNamed(platform: Platform, name: string): Segment {
    const descriptor = platform.openNamedSegment(name);
    if (descriptor === undefined) {
      throw new IpcError('ERR_IPC_NAME_NOT_FOUND', `there is no shared memory named ${JSON.stringify(name)}`, {
        hint: 'It vanishes when it is unlinked and when the last process that has it open ends.',
      });
    }
    return new Segment(platform, descriptor, platform.segmentSize(descriptor), `shared memory ${JSON.stringify(name)}`);
  }

  /** The memory as it is mapped here. @throws IpcError `ERR_IPC_CLOSED` */
  get mapping(): Mapping {
    this.#refuseClosed();
    return this.#mapping;
  }

  /** Tells this segment from every other, whatever its name: another may have it by now. */
  get identity(): string {
    const { dev, ino } = fstatSync(this.descriptor);
    return `${dev}:${ino}`;
  }

  /** The descriptor, to be handed to a child process. @throws IpcError `ERR_IPC_CLOSED` */
  get descriptor(): number {
    this.#refuseClosed();
    return this.#descriptor;
  }

  /** Puts memory behind a range, so that touching it later cannot fault. False: the system has none left. */
  commit(byteOffset: number, sizeBytes: number): boolean {
    return this.#platform.commit(this.descriptor, byteOffset, sizeBytes);
  }

  /** Gives the memory behind a range back; it reads as zeroes then. False: the system cannot. */
  decommit(byteOffset: number, sizeBytes: number): boolean {
    return this.#platform.decommit(this.descriptor, byteOffset, sizeBytes);
  }

  /** Takes the name away. Who has the segment open keeps it. */
  unlink(): void {
    this.#platform.unlinkNamedSegment(this.descriptor);
  }

  /** Ends this process's use of it. Views made earlier see private zeroes from now on. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#mapping.close();
    closeSync(this.#descriptor);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #refuseClosed(): void {
    if (this.#closed) throw new IpcError('ERR_IPC_CLOSED', `${this.#label} is closed`);
  }
}
