import { IpcError, isIpcError } from '../core/errors.ts';
import { readBlob } from '../memory/blob.ts';
import { FileRegion } from '../memory/file-region.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { previewOf, readText, writeText } from './file-text.ts';
import { bodyCell, KIND, Primitive, type PrimitiveOptions } from './primitive.ts';
import { elementKind, type TypeCode, VIEW_CLASSES, type ViewOf } from './type-code.ts';

export interface MappedFileOptions extends PrimitiveOptions {
  /** How much to map: of a file that is there its first bytes (without it, all), of a file to be made all of it. */
  readonly sizeBytes?: number | undefined;
  /** Whether to make the file: of zeroes, `sizeBytes` long, private to the user. It must not be there yet. */
  readonly create?: boolean | undefined;
}

/**
 * A file in memory: what one process stores, every process that has it sees at once, and the file keeps it when all are gone. Handed to a child
 * it is opened there anew, by its path.
 *
 * In shared memory: a cell that counts accesses, which is how those who watch accesses to shared memory see the ones to files; then the blob
 * with the path and the file's identity.
 */
export class MappedFile extends Primitive {
  readonly kind = 'MappedFile';
  /** Where it is, from the root on. */
  readonly path: string;
  /** How many bytes are mapped. */
  readonly length: number;
  readonly #offset: number;
  readonly #region: FileRegion;

  private constructor(memory: LabMemory, offset: number, region: FileRegion) {
    super(memory, offset);
    this.#offset = offset;
    this.#region = region;
    this.path = region.path;
    this.length = region.length;
  }

  /** What messages call it. @internal */
  get label(): string {
    return this.memory.objects.name(this.#offset) === undefined
      ? this.#region.label
      : `${this.kind} ${JSON.stringify(this.name)}`;
  }

  /** Opens a file, or makes it. @internal */
  static create(memory: LabMemory, file: string, options: MappedFileOptions = {}): MappedFile {
    const { sizeBytes, create = false } = options;
    if (!create) return MappedFile.#share(memory, FileRegion.open(memory.platform, file, sizeBytes), options);
    if (sizeBytes === undefined) {
      throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `how long shall ${file} be?`, {
        hint: 'A file that is to be made needs a size: { create: true, sizeBytes: 4096 }.',
      });
    }
    return MappedFile.#share(memory, FileRegion.create(memory.platform, file, sizeBytes), options);
  }

  /** Makes a file that vanishes with its last user. @internal */
  static createTemporary(memory: LabMemory, sizeBytes: number, options: PrimitiveOptions = {}): MappedFile {
    return MappedFile.#share(memory, FileRegion.createTemporary(memory.platform, sizeBytes), options);
  }

  /** @internal */
  static attach(memory: LabMemory, offset: number): MappedFile {
    const place = new TextDecoder().decode(readBlob(memory.cells, memory.cells.load(bodyCell(offset) + 1) >>> 0));
    const [path, sizeBytes, identity] = JSON.parse(place) as [string, number, string];
    return new MappedFile(memory, offset, FileRegion.attach(memory.platform, path, sizeBytes, identity));
  }

  static #share(memory: LabMemory, region: FileRegion, { name }: PrimitiveOptions): MappedFile {
    const place = JSON.stringify([region.path, region.length, region.identity]);
    try {
      return memory.objects.create(KIND.mappedFile, 8, name, (offset) => {
        memory.objects.allocateBlob(bodyCell(offset) + 1, new TextEncoder().encode(place));
        return new MappedFile(memory, offset, region);
      });
    } catch (error) {
      region.close();
      throw error;
    }
  }

  /**
   * A copy of `length` bytes from an offset on; without arguments, of all.
   * @throws IpcError `ERR_IPC_FILE_SHRANK` when others have cut the file, `ERR_IPC_OUT_OF_RANGE`, `ERR_IPC_CLOSED`
   */
  read(offset = 0, length = this.length - offset): Uint8Array {
    this.#count();
    return this.#region.read(offset, length);
  }

  /** Stores bytes from an offset on. @throws IpcError as {@link read}; `ERR_IPC_FILE` when the disk is full */
  write(offset: number, bytes: Uint8Array): void {
    this.#count();
    this.#region.write(offset, bytes);
  }

  /** How long it is, and the text in it, or how it begins: a file may be larger than anybody wants to see. @internal */
  override shownContents(): unknown {
    try {
      return `${this.length} bytes, ${previewOf(this)}`;
    } catch (error) {
      if (isIpcError(error, 'ERR_IPC_FILE_SHRANK')) return 'was cut by somebody';
      throw error;
    }
  }

  /**
   * Puts a text into the file so that whoever reads it by {@link readText} gets it whole or not at all. One process at a time.
   * @throws IpcError `ERR_IPC_TEXT_TOO_LONG`, and `ERR_IPC_TEXT_INVALID` when the file holds something else: then it is as it was
   */
  writeText(text: string): void {
    writeText(this, text);
  }

  /** The text in the file; undefined when there is none yet. @throws IpcError `ERR_IPC_TEXT_INVALID` when it holds something else */
  readText(): string | undefined {
    return readText(this);
  }

  /**
   * The mapping itself as a typed array, not a copy, with as many elements as fit: unseen by everything that watches accesses, and **not
   * protected**: a process that touches it after others have cut the file is killed by the system (SIGBUS). After {@link close} it sees
   * private zeroes.
   * @throws IpcError `ERR_IPC_FILE_SHRANK`, `ERR_IPC_CLOSED`
   */
  view(): Uint8Array;
  view<C extends TypeCode>(code: C): ViewOf<C>;
  view(code: TypeCode = 'B'): ViewOf<TypeCode> {
    // Whoever watches accesses is to know that some will go unseen; the memory itself is another.
    this.cells.expose();
    const buffer = this.#region.expose();
    const View = VIEW_CLASSES[elementKind(code).code];
    return new View(buffer, 0, Math.floor(this.length / View.BYTES_PER_ELEMENT));
  }

  /** Waits until what was written is on the disk. Other processes see it without that. @throws IpcError `ERR_IPC_FILE`, `ERR_IPC_CLOSED` */
  flush(): void {
    this.#count();
    this.#region.flush();
  }

  override close(): void {
    super.close();
    this.#region.close();
  }

  #count(): void {
    this.cells.add(bodyCell(this.#offset), 1);
  }
}
