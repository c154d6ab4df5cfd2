/**
 * A value of which each thread and each process has its own.
 *
 * ```
 * cell 4 task   blob with the name of a function and its arguments: what makes the value
 * ```
 *
 * Threads of JavaScript share no objects anyway, so a variable of a module is local to a thread already. What is left of thread-local storage is
 * that one thing, made in one place and handed to many, is another value in each of them, made there when it is first asked for.
 */
import { deserialize, serialize } from 'node:v8';
import { IpcError } from '../core/errors.ts';
import { readBlob } from '../memory/blob.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import { bodyCell, KIND, Primitive } from '../primitives/primitive.ts';
import type { FunctionResolver } from '../process/function-reference.ts';

export class ThreadLocal<T = unknown> extends Primitive {
  readonly kind = 'ThreadLocal';
  readonly #resolver: FunctionResolver;
  #value: T | undefined;
  #made = false;

  private constructor(memory: LabMemory, offset: number, resolver: FunctionResolver) {
    super(memory, offset);
    this.#resolver = resolver;
  }

  /** @internal */
  static create<T>(memory: LabMemory, resolver: FunctionResolver, initial: unknown, args: readonly unknown[]) {
    const { name } = resolver.reference(initial);
    for (const [i, arg] of args.entries()) refuseShared(arg, `argument ${i + 1} of ${name}`);
    // Checks that they can be cloned, with errors that say where they cannot.
    memory.discard(memory.put(args, `an argument of ${name}`));
    const task = serialize([name, args]);
    return memory.objects.create(KIND.threadLocal, 4, undefined, (offset) => {
      memory.objects.allocateBlob(bodyCell(offset), task);
      return new ThreadLocal<T>(memory, offset, resolver);
    });
  }

  /** Says how to attach one in this process or thread, which finds functions in that way. @internal */
  static register(memory: LabMemory, resolver: FunctionResolver): void {
    memory.objects.register(KIND.threadLocal, {
      attach: (offset) => new ThreadLocal(memory, offset, resolver),
      free: (offset) => memory.objects.freePart(bodyCell(offset)),
    });
  }

  /** @internal */
  override shownContents(): unknown {
    return 'one in each thread';
  }

  /** The value of this thread; made by calling the function when it is first asked for. @throws IpcError `ERR_IPC_NOT_EXPORTED` and what the function throws */
  get value(): T {
    const blob = this.cells.load(bodyCell(this[SHARED_OBJECT])) >>> 0;
    if (!this.#made) {
      const [name, args] = deserialize(readBlob(this.cells, blob)) as [string, unknown[]];
      this.#value = this.#resolver.find(name)(...args) as T;
      this.#made = true;
    }
    return this.#value as T;
  }

  set value(value: T) {
    // Refuses when it is closed.
    this.cells.load(bodyCell(this[SHARED_OBJECT]));
    this.#value = value;
    this.#made = true;
  }
}

function refuseShared(arg: unknown, what: string): void {
  if (!(arg instanceof Primitive)) return;
  throw new IpcError(
    'ERR_IPC_NOT_CLONEABLE',
    `${what} is the ${arg.kind} ${JSON.stringify(arg.name)}, which is shared`,
    {
      hint: 'What makes the value of each thread gets plain data. Hand primitives to the threads themselves.',
    },
  );
}
