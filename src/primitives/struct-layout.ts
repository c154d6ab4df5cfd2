/**
 * Where the fields of a struct lie: in the order in which they were declared, each at a multiple of its size, as a C compiler would put them.
 * Pure.
 */
import { IpcError } from '../core/errors.ts';
import { type ElementKind, type ElementOf, elementKind, type TypeCode } from './type-code.ts';

/** The fields of a struct: their names, and the type code of each. */
export type StructSpec = Readonly<Record<string, TypeCode>>;

/** What a struct of such fields holds, as a plain object. */
export type FieldsOf<S extends StructSpec> = { -readonly [K in keyof S]: ElementOf<S[K]> };

export interface Field {
  readonly name: string;
  readonly kind: ElementKind;
  /** Where it is among elements of its kind, counted from the first byte of the struct. */
  readonly index: number;
}

export interface StructLayout {
  readonly fields: readonly Field[];
  readonly sizeBytes: number;
  /** The same for the same fields in the same order: what another process makes the layout of. */
  readonly text: string;
}

const IDENTIFIER = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;

/**
 * Lays fields out.
 * @param reserved says which names a struct has uses of its own for
 * @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for a name or a type code that cannot be, and for no fields at all
 */
export function layOut(spec: StructSpec, reserved: (name: string) => boolean): StructLayout {
  if (typeof spec !== 'object' || spec === null || Object.keys(spec).length === 0) {
    throw new IpcError('ERR_IPC_INVALID_ARGUMENT', 'a struct has at least one field', {
      hint: "Name its fields and their type codes, as in { x: 'd', y: 'd', id: 'i' }.",
    });
  }
  let sizeBytes = 0;
  const entries = Object.entries(spec);
  const fields = entries.map(([name, code]) => {
    refuseName(name, reserved);
    const kind = elementKind(code);
    const index = Math.ceil(sizeBytes / kind.sizeBytes);
    sizeBytes = (index + 1) * kind.sizeBytes;
    return { name, kind, index };
  });
  return { fields, sizeBytes, text: JSON.stringify(entries) };
}

/** The layout that another process has described by its text. */
export function layoutOf(text: string): StructLayout {
  return layOut(Object.fromEntries(JSON.parse(text) as [string, TypeCode][]), () => false);
}

function refuseName(name: string, reserved: (name: string) => boolean): void {
  if (IDENTIFIER.test(name) && !reserved(name)) return;
  const why = reserved(name) ? 'that is what a struct itself has' : 'it is no name';
  throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `no field can be called ${JSON.stringify(name)}: ${why}`, {
    hint: 'Use letters, digits and _, beginning with a letter, and none of the names of its methods.',
  });
}
