/**
 * How a function gets into another process: by name. The child imports the module anew and calls the export of that name, so what cannot be
 * imported cannot be started, and nothing of the parent's state comes along.
 */
import { createRequire } from 'node:module';
import type { Session } from 'node:inspector';
import { IpcError } from '../core/errors.ts';
import { importModule } from '../core/import-module.ts';

/** A function as another process can find it. */
export interface FunctionReference {
  /** URL of the module, as in `import.meta.url`. */
  readonly module: string;
  /** Name under which the module exports it. */
  readonly name: string;
}

/** Finds the exported names of functions, in the module that this process was started for. */
export class FunctionResolver {
  #module: string;
  #exports: Readonly<Record<string, unknown>>;

  constructor(module = '', exports: Readonly<Record<string, unknown>> = {}) {
    this.#module = module;
    this.#exports = exports;
  }

  /**
   * Imports the module of a reference, in which functions are found from now on, and returns its function.
   * @throws IpcError `ERR_IPC_NO_SUCH_MODULE`, `ERR_IPC_NOT_EXPORTED`
   */
  async import({ module, name }: FunctionReference): Promise<(...args: unknown[]) => unknown> {
    this.#module = module;
    this.#exports = await moduleAt(module);
    return functionIn(this.#exports, { module, name });
  }

  /** The function of that name in the module, which has been imported. @throws IpcError `ERR_IPC_NOT_EXPORTED` */
  find(name: string): (...args: unknown[]) => unknown {
    return functionIn(this.#exports, { module: this.#module, name });
  }

  /** @throws IpcError `ERR_IPC_NOT_EXPORTED`, naming file and line; `ERR_IPC_INVALID_ARGUMENT` for what is no function, and no URL of a module. */
  reference(target: unknown): FunctionReference {
    if (isReference(target)) {
      if (/^\.\.?\//.test(target.module)) {
        throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `a module is given by its URL, and ${target.module} is none`, {
          hint: `As in new URL(${JSON.stringify(target.module)}, import.meta.url).href, or import.meta.url for this module itself.`,
        });
      }
      return { module: target.module, name: target.name };
    }
    if (typeof target !== 'function') {
      throw new IpcError(
        'ERR_IPC_INVALID_ARGUMENT',
        `a process runs a function, not ${target === null ? 'null' : typeof target}`,
        {
          hint: 'Give an exported function and its arguments separately, as in lab.start(work, 1, 2), not lab.start(work(1, 2)).',
        },
      );
    }
    for (const [name, exported] of Object.entries(this.#exports)) {
      if (exported === target) return { module: this.#module, name };
    }
    const label = target.name === '' ? 'the anonymous function' : `function ${target.name}`;
    throw new IpcError(
      'ERR_IPC_NOT_EXPORTED',
      `${label} (${locationOf(target) ?? this.#module}) is not exported by ${this.#module}`,
      {
        hint: 'A child process imports the module anew and calls what it exports: write "export function …" at the top level of the module, or give { module, name }.',
      },
    );
  }
}

function functionIn(
  exports: Readonly<Record<string, unknown>>,
  { module, name }: FunctionReference,
): (...args: unknown[]) => unknown {
  const found = exports[name];
  if (typeof found === 'function') return found as (...args: unknown[]) => unknown;
  throw new IpcError('ERR_IPC_NOT_EXPORTED', `${module} exports no function named ${JSON.stringify(name)}`, {
    hint: `It exports ${Object.keys(exports).join(', ') || 'nothing'}.`,
  });
}

async function moduleAt(module: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await importModule(module);
  } catch (error) {
    const missing =
      error instanceof Error &&
      'code' in error &&
      error.code === 'ERR_MODULE_NOT_FOUND' &&
      'url' in error &&
      error.url === module;
    if (!missing) throw error;
    throw new IpcError('ERR_IPC_NO_SUCH_MODULE', `there is no module ${module}`, {
      hint: 'Give its URL, as in new URL("./work.js", import.meta.url).href',
    });
  }
}

function isReference(target: unknown): target is FunctionReference {
  return (
    typeof target === 'object' &&
    target !== null &&
    'module' in target &&
    typeof target.module === 'string' &&
    'name' in target &&
    typeof target.name === 'string'
  );
}

/** File and line of a function, from V8's own records; undefined where it will not say. Slow: for error messages. */
function locationOf(target: unknown): string | undefined {
  // Loaded here because every process would pay for it.
  const inspector = createRequire(import.meta.url)('node:inspector') as { Session: new () => Session };
  const session = new inspector.Session();
  session.connect();
  const slot = Symbol.for('ipc-lab.located-function');
  const scripts = new Map<string, string>();
  let location: string | undefined;
  try {
    Object.defineProperty(globalThis, slot, { value: target, configurable: true });
    session.on('Debugger.scriptParsed', ({ params }) => scripts.set(params.scriptId, params.url));
    session.post('Debugger.enable');
    session.post(
      'Runtime.evaluate',
      { expression: "globalThis[Symbol.for('ipc-lab.located-function')]" },
      (_error, found) => {
        const objectId = found?.result?.objectId;
        if (objectId === undefined) return;
        session.post('Runtime.getProperties', { objectId, ownProperties: true }, (_failure, properties) => {
          const internal = properties?.internalProperties?.find((property) => property.name === '[[FunctionLocation]]')
            ?.value?.value as { scriptId: string; lineNumber: number } | undefined;
          if (internal !== undefined)
            location = `${scripts.get(internal.scriptId) ?? 'unknown file'}:${internal.lineNumber + 1}`;
        });
      },
    );
  } finally {
    Reflect.deleteProperty(globalThis, slot);
    session.disconnect();
  }
  return location;
}
