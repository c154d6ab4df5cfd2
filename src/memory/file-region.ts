import path from 'node:path';
import { IpcError } from '../core/errors.ts';
import { natural } from '../core/natural.ts';
import type { FileMapping, Platform } from '../platform/platform.ts';

/**
 * The bytes of a file, mapped into this process: what one process writes, all who map the file see at once, and the file keeps.
 * Every misuse is a coded error, never a fault: any use after close, a range that is not in it, a file that others have cut short.
 */
export class FileRegion implements Disposable {
  readonly #mapping: FileMapping;
  #closed = false;

  private constructor(mapping: FileMapping) {
    this.#mapping = mapping;
  }

  /** Maps a file that is there: whole, or its first `sizeBytes`. @throws IpcError `ERR_IPC_FILE…` */
  static open(platform: Platform, file: string, sizeBytes?: number): FileRegion {
    const size = sizeBytes === undefined ? undefined : checkedSize(sizeBytes);
    return new FileRegion(platform.files.open(checkedPath(file), size));
  }

  /** Makes a file of zeroes and maps it. @throws IpcError `ERR_IPC_FILE_EXISTS`, `ERR_IPC_FILE…` */
  static create(platform: Platform, file: string, sizeBytes: number): FileRegion {
    return new FileRegion(platform.files.create(checkedPath(file), checkedSize(sizeBytes)));
  }

  /** Makes a file of zeroes that is in no folder and vanishes with its last user, and maps it. */
  static createTemporary(platform: Platform, sizeBytes: number): FileRegion {
    return new FileRegion(platform.files.createTemporary(checkedSize(sizeBytes)));
  }

  /** Maps the file that another process has mapped. @throws IpcError `ERR_IPC_FILE_NOT_FOUND` also when its path leads to another file by now */
  static attach(platform: Platform, file: string, sizeBytes: number, identity: string): FileRegion {
    let mapping: FileMapping;
    try {
      mapping = platform.files.open(file, sizeBytes);
    } catch (error) {
      // It was longer when the other mapped it.
      if (error instanceof IpcError && ['ERR_IPC_OUT_OF_RANGE', 'ERR_IPC_FILE_EMPTY'].includes(error.code))
        throw shrank(file, sizeBytes, error);
      throw error;
    }
    if (mapping.identity === identity) return new FileRegion(mapping);
    mapping.close();
    throw new IpcError('ERR_IPC_FILE_NOT_FOUND', `${file} is another file than the one that was shared`, {
      hint: 'It was replaced meanwhile. Keep a file in its place, and open, until all have mapped it.',
    });
  }

  /** Where another process finds the file. */
  get path(): string {
    return this.#mapping.path;
  }

  /** What people call it. */
  get label(): string {
    return this.#mapping.label;
  }

  get identity(): string {
    return this.#mapping.identity;
  }

  get length(): number {
    return this.#mapping.sizeBytes;
  }

  /** A copy of `length` bytes from an offset on. @throws IpcError `ERR_IPC_FILE_SHRANK`, `ERR_IPC_OUT_OF_RANGE`, `ERR_IPC_CLOSED` */
  read(offset = 0, length = this.length - offset): Uint8Array {
    this.#check(offset, length);
    const bytes = new Uint8Array(length);
    if (!this.#mapping.read(offset, bytes)) throw shrank(this.label, this.length);
    return bytes;
  }

  /** Stores bytes from an offset on. @throws IpcError as {@link read}, and `ERR_IPC_FILE` when the disk has no room for them */
  write(offset: number, bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array)) {
      throw new IpcError('ERR_IPC_INVALID_ARGUMENT', 'what is written to a file must be a Uint8Array', {
        hint: 'For text: new TextEncoder().encode(text).',
      });
    }
    this.#check(offset, bytes.length);
    if (!this.#mapping.write(offset, bytes)) throw shrank(this.label, this.length);
  }

  /** The mapping itself. @throws IpcError `ERR_IPC_FILE_SHRANK`, `ERR_IPC_CLOSED` */
  expose(): ArrayBuffer {
    this.#refuseClosed();
    const buffer = this.#mapping.expose();
    if (buffer === undefined) throw shrank(this.label, this.length);
    return buffer;
  }

  /** Waits until what was written is on the disk. @throws IpcError `ERR_IPC_FILE`, `ERR_IPC_CLOSED` */
  flush(): void {
    this.#refuseClosed();
    this.#mapping.flush();
  }

  /** Ends this process's use of the file; the file stays. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#mapping.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #check(offset: number, length: number): void {
    this.#refuseClosed();
    if (Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0) {
      if (offset + length <= this.length) return;
    }
    throw new IpcError(
      'ERR_IPC_OUT_OF_RANGE',
      `${length} bytes from offset ${offset} on are not in a mapping of ${this.length} bytes`,
    );
  }

  #refuseClosed(): void {
    if (this.#closed) throw new IpcError('ERR_IPC_CLOSED', `the mapping of ${this.label} is closed`);
  }
}

function shrank(file: string, sizeBytes: number, cause?: unknown): IpcError {
  return new IpcError('ERR_IPC_FILE_SHRANK', `${file} is shorter than the ${sizeBytes} bytes that are mapped of it`, {
    hint: 'Somebody has cut it. Make it as long as it was, or close it and open it anew.',
    cause,
  });
}

function checkedSize(sizeBytes: number): number {
  return natural('the size of a mapped file', sizeBytes, 1, Number.MAX_SAFE_INTEGER);
}

/** The path from the root on: other processes may have other current folders. */
function checkedPath(file: string): string {
  if (typeof file === 'string' && file !== '' && !file.includes('\0')) return path.resolve(file);
  throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `${JSON.stringify(file)} is no path of a file`);
}
