import type { Cells } from '../memory/cells.ts';
import type { Field } from './struct-layout.ts';
import { refuseUnfit, type TypeCode } from './type-code.ts';

/** What accessors need of the struct whose they are. */
export interface Accessed {
  readonly cells: Cells;
  /** Where it begins, in steps of 8 bytes. */
  readonly base8: number;
  readonly name: string;
  /** Takes its lock, unless this process holds it already; tells whether it did. */
  enter(): boolean;
  leave(): void;
}

interface Accessor {
  get(this: Accessed): unknown;
  set(this: Accessed, value: never): void;
}

/** Written out for each kind of element, so that each is compiled for itself. */
const ACCESSORS: Readonly<Record<TypeCode, (at: number) => Accessor>> = {
  b: (at) => ({
    get() {
      return this.cells.loadInt8(this.base8 * 8 + at);
    },
    set(value) {
      this.cells.storeInt8(this.base8 * 8 + at, value);
    },
  }),
  B: (at) => ({
    get() {
      return this.cells.loadUint8(this.base8 * 8 + at);
    },
    set(value) {
      this.cells.storeUint8(this.base8 * 8 + at, value);
    },
  }),
  h: (at) => ({
    get() {
      return this.cells.loadInt16(this.base8 * 4 + at);
    },
    set(value) {
      this.cells.storeInt16(this.base8 * 4 + at, value);
    },
  }),
  H: (at) => ({
    get() {
      return this.cells.loadUint16(this.base8 * 4 + at);
    },
    set(value) {
      this.cells.storeUint16(this.base8 * 4 + at, value);
    },
  }),
  i: (at) => ({
    get() {
      return this.cells.loadInt32(this.base8 * 2 + at);
    },
    set(value) {
      this.cells.storeInt32(this.base8 * 2 + at, value);
    },
  }),
  I: (at) => ({
    get() {
      return this.cells.loadUint32(this.base8 * 2 + at);
    },
    set(value) {
      this.cells.storeUint32(this.base8 * 2 + at, value);
    },
  }),
  q: (at) => ({
    get() {
      return this.cells.loadBigInt64(this.base8 + at);
    },
    set(value) {
      this.cells.storeBigInt64(this.base8 + at, value);
    },
  }),
  Q: (at) => ({
    get() {
      return this.cells.loadBigUint64(this.base8 + at);
    },
    set(value) {
      this.cells.storeBigUint64(this.base8 + at, value);
    },
  }),
  f: (at) => ({
    get() {
      return this.cells.loadFloat32(this.base8 * 2 + at);
    },
    set(value) {
      this.cells.storeFloat32(this.base8 * 2 + at, value);
    },
  }),
  d: (at) => ({
    get() {
      return this.cells.loadFloat64(this.base8 + at);
    },
    set(value) {
      this.cells.storeFloat64(this.base8 + at, value);
    },
  }),
  c: (at) => ({
    get() {
      return String.fromCharCode(this.cells.loadUint8(this.base8 * 8 + at));
    },
    set(value: string) {
      this.cells.storeUint8(this.base8 * 8 + at, value.charCodeAt(0));
    },
  }),
};

/** Reads and writes a field plainly. */
export function plainAccessor({ kind, index }: Field): Accessor {
  return ACCESSORS[kind.code](index);
}

/** Reads and writes a field with the struct's lock held, and refuses what the field cannot hold. */
export function lockedAccessor(field: Field): Accessor {
  const plain = plainAccessor(field);
  return {
    get() {
      const entered = this.enter();
      try {
        return plain.get.call(this);
      } finally {
        if (entered) this.leave();
      }
    },
    set(value) {
      refuseUnfit(field.kind, value, () => `${field.name} of ${this.name}`);
      const entered = this.enter();
      try {
        plain.set.call(this, value);
      } finally {
        if (entered) this.leave();
      }
    },
  };
}
