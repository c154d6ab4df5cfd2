import { IpcError, isIpcError } from '../core/errors.ts';
import { natural } from '../core/natural.ts';
import { readBlob } from '../memory/blob.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { Segment } from '../memory/segment.ts';
import { bodyCell, KIND, Primitive } from './primitive.ts';
import { elementKind, type TypeCode, VIEW_CLASSES, type ViewOf } from './type-code.ts';

/** What one block of named shared memory holds at most. */
const LARGEST_BYTES = 2 ** 32;
const NAME_TRIES = 100;

export interface SharedMemoryOptions {
  /** Who has this name finds it, also in another lab of the same user. To create, it may be left out: then one is made up. */
  readonly name?: string | undefined;
  /** Whether to make it; without it, it is there already. */
  readonly create?: boolean | undefined;
  /** How long it is to be. When it is there already, it is as long as it was made. */
  readonly sizeBytes?: number | undefined;
}

/**
 * A block of bytes with a name, as Python's `shared_memory.SharedMemory`: whoever of the same user knows the name gets the same memory, in this
 * lab or in another. Zeroes at first. There is no lock and no type: {@link view} looks at it as one likes.
 *
 * The name lasts until {@link unlink}, and no longer than the last process that has it open: nothing stays behind, however they end. Handed
 * to a child it is found there by its name; so it must not be unlinked before the child has it.
 *
 * In the lab's memory lies only what tells it from another of the same name: a blob, and its offset in the first cell.
 */
export class SharedMemory extends Primitive {
  readonly kind = 'SharedMemory';
  /** How many bytes it has. */
  readonly sizeBytes: number;
  readonly #segment: Segment;
  readonly #identity: string;

  private constructor(memory: LabMemory, offset: number, segment: Segment) {
    super(memory, offset);
    this.sizeBytes = segment.sizeBytes;
    this.#segment = segment;
    this.#identity = segment.identity;
  }

  /** Makes it or finds it. @internal */
  static create(memory: LabMemory, options: SharedMemoryOptions = {}): SharedMemory {
    const [name, segment] = options.create === true ? createSegment(memory, options) : findSegment(memory, options);
    try {
      return memory.objects.create(KIND.sharedMemory, 4, name, (offset) => {
        const identity = new TextEncoder().encode(segment.identity);
        memory.objects.allocateBlob(bodyCell(offset), identity);
        return new SharedMemory(memory, offset, segment);
      });
    } catch (error) {
      segment.close();
      throw error;
    }
  }

  /** @internal */
  static attach(memory: LabMemory, offset: number): SharedMemory {
    const name = memory.objects.name(offset) ?? '';
    const identity = new TextDecoder().decode(readBlob(memory.cells, memory.cells.load(bodyCell(offset)) >>> 0));
    const segment = Segment.attachNamed(memory.platform, name);
    if (segment.identity === identity) return new SharedMemory(memory, offset, segment);
    segment.close();
    throw new IpcError(
      'ERR_IPC_NAME_NOT_FOUND',
      `${JSON.stringify(name)} is another shared memory than the one handed on`,
      {
        hint: 'Its name was taken away and given again. Keep the name until all have it.',
      },
    );
  }

  /**
   * The memory itself, not a copy: what happens in it is seen by everybody, and by nothing that watches accesses. After {@link close} it is
   * private and empty, and harmless.
   * @throws IpcError `ERR_IPC_CLOSED`
   */
  get buffer(): ArrayBuffer {
    // Whoever watches accesses is to know that some will go unseen; the memory itself is another.
    this.cells.expose();
    return this.#segment.mapping.buffer;
  }

  /**
   * Elements of a type in the memory itself, from a byte offset on; without a length, as many as fit.
   * @throws IpcError `ERR_IPC_OUT_OF_RANGE`, `ERR_IPC_INVALID_ARGUMENT` for an offset that is no multiple of the element's size, `ERR_IPC_CLOSED`
   */
  view<C extends TypeCode>(code: C, byteOffset?: number, length?: number): ViewOf<C>;
  view(code: TypeCode, byteOffset = 0, length?: number): ViewOf<TypeCode> {
    const { sizeBytes } = elementKind(code);
    const from = this.#checked('the offset of a view', byteOffset, 0, 1);
    const count = this.#checked(
      'the length of a view',
      length ?? Math.floor((this.sizeBytes - from) / sizeBytes),
      from,
      sizeBytes,
    );
    if (from % sizeBytes !== 0) {
      throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `elements of type '${code}' do not begin at byte ${from}`, {
        hint: `Use a multiple of ${sizeBytes}: the processor reads them in one step only there.`,
      });
    }
    return new VIEW_CLASSES[code](this.buffer, from, count);
  }

  /** Takes the name away; who has it open keeps it. Also after {@link close}, as one does in Python. Idempotent. */
  unlink(): void {
    if (!this.closed) {
      this.#segment.unlink();
      return;
    }
    try {
      using again = Segment.attachNamed(this.memory.platform, this.name);
      if (again.identity === this.#identity) again.unlink();
    } catch (error) {
      // Nobody had it open any more.
      if (!isIpcError(error, 'ERR_IPC_NAME_NOT_FOUND')) throw error;
    }
  }

  override close(): void {
    super.close();
    this.#segment.close();
  }

  #checked(what: string, value: number, from: number, step: number): number {
    if (Number.isSafeInteger(value) && value >= 0 && from + value * step <= this.sizeBytes) return value;
    throw new IpcError('ERR_IPC_OUT_OF_RANGE', `${what}, ${String(value)}, does not fit into ${this.sizeBytes} bytes`);
  }

  /** @internal */
  override shownContents(): unknown {
    return `${this.sizeBytes} bytes`;
  }

  /** @internal */
  protected override shownText(): string {
    return `${this.kind}(${JSON.stringify(this.name)}, ${this.sizeBytes})`;
  }
}

function createSegment(memory: LabMemory, { name, sizeBytes }: SharedMemoryOptions): [string, Segment] {
  const size = natural('the size of shared memory', sizeBytes, 1, LARGEST_BYTES);
  if (name !== undefined) return [name, Segment.createNamed(memory.platform, checkedName(name), size)];
  for (let tries = 0; ; tries++) {
    const madeUp = `shm_${process.pid.toString(36)}_${Math.trunc(Math.random() * 2 ** 40).toString(36)}`;
    try {
      return [madeUp, Segment.createNamed(memory.platform, madeUp, size)];
    } catch (error) {
      if (tries === NAME_TRIES || !isIpcError(error, 'ERR_IPC_NAME_EXISTS')) throw error;
    }
  }
}

function findSegment(memory: LabMemory, { name }: SharedMemoryOptions): [string, Segment] {
  if (name !== undefined) return [name, Segment.attachNamed(memory.platform, checkedName(name))];
  throw new IpcError('ERR_IPC_INVALID_ARGUMENT', 'shared memory that is there already is found by its name', {
    hint: 'Give its name, or make it: { create: true, sizeBytes: 1024 }.',
  });
}

function checkedName(name: unknown): string {
  if (typeof name === 'string') return name;
  throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `the name of shared memory is a text, not ${typeof name}`);
}
