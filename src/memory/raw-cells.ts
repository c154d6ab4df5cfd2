import type { Mapping, Platform, WaitOutcome } from '../platform/platform.ts';
import type { Cells } from './cells.ts';

/** Up to this length a loop beats a call into the runtime. */
const LONGEST_LOOP = 48;

/** What every `Buffer` has and its types do not mention: `write` and `toString` without their checks. */
interface Latin1Buffer {
  latin1Write(text: string, byteOffset: number, length: number): number;
  latin1Slice(start: number, end: number): string;
}

/** {@link Cells} as bare instructions: `Atomics` for cells, plain typed-array access for elements, the platform's sleep and wake. */
export class RawCells implements Cells {
  readonly #platform: Platform;
  readonly #mapping: Mapping;
  readonly #int8: Int8Array;
  readonly #uint8: Uint8Array;
  readonly #int16: Int16Array;
  readonly #uint16: Uint16Array;
  readonly #int32: Int32Array;
  readonly #uint32: Uint32Array;
  readonly #float32: Float32Array;
  readonly #float64: Float64Array;
  readonly #bigInt64: BigInt64Array;
  readonly #bigUint64: BigUint64Array;
  readonly #bytes: Latin1Buffer;

  constructor(platform: Platform, mapping: Mapping) {
    this.#platform = platform;
    this.#mapping = mapping;
    const { buffer } = mapping;
    this.#int8 = new Int8Array(buffer);
    this.#uint8 = new Uint8Array(buffer);
    this.#int16 = new Int16Array(buffer);
    this.#uint16 = new Uint16Array(buffer);
    this.#int32 = new Int32Array(buffer);
    this.#uint32 = new Uint32Array(buffer);
    this.#float32 = new Float32Array(buffer);
    this.#float64 = new Float64Array(buffer);
    this.#bigInt64 = new BigInt64Array(buffer);
    this.#bigUint64 = new BigUint64Array(buffer);
    this.#bytes = Buffer.from(buffer) as Buffer & Latin1Buffer;
  }

  load(cell: number): number {
    return Atomics.load(this.#int32, cell);
  }
  store(cell: number, value: number): void {
    Atomics.store(this.#int32, cell, value);
  }
  add(cell: number, value: number): number {
    return Atomics.add(this.#int32, cell, value);
  }
  exchange(cell: number, value: number): number {
    return Atomics.exchange(this.#int32, cell, value);
  }
  compareExchange(cell: number, expected: number, replacement: number): number {
    return Atomics.compareExchange(this.#int32, cell, expected, replacement);
  }
  backOff(cell: number, turns: number): number {
    for (let turn = 0; turn < turns; turn++);
    return Atomics.load(this.#int32, cell);
  }
  wait(cell: number, expected: number, timeoutMs: number): WaitOutcome {
    return this.#platform.wait(this.#mapping, cell * 4, expected, timeoutMs);
  }
  wake(cell: number, count: number): void {
    this.#platform.wake(this.#mapping, cell * 4, count);
  }

  loadInt8(index: number): number {
    return this.#int8[index] as number;
  }
  storeInt8(index: number, value: number): void {
    this.#int8[index] = value;
  }
  loadUint8(index: number): number {
    return this.#uint8[index] as number;
  }
  storeUint8(index: number, value: number): void {
    this.#uint8[index] = value;
  }
  loadInt16(index: number): number {
    return this.#int16[index] as number;
  }
  storeInt16(index: number, value: number): void {
    this.#int16[index] = value;
  }
  loadUint16(index: number): number {
    return this.#uint16[index] as number;
  }
  storeUint16(index: number, value: number): void {
    this.#uint16[index] = value;
  }
  loadInt32(index: number): number {
    return this.#int32[index] as number;
  }
  storeInt32(index: number, value: number): void {
    this.#int32[index] = value;
  }
  loadUint32(index: number): number {
    return this.#uint32[index] as number;
  }
  storeUint32(index: number, value: number): void {
    this.#uint32[index] = value;
  }
  loadFloat32(index: number): number {
    return this.#float32[index] as number;
  }
  storeFloat32(index: number, value: number): void {
    this.#float32[index] = value;
  }
  loadFloat64(index: number): number {
    return this.#float64[index] as number;
  }
  storeFloat64(index: number, value: number): void {
    this.#float64[index] = value;
  }
  loadBigInt64(index: number): bigint {
    return this.#bigInt64[index] as bigint;
  }
  storeBigInt64(index: number, value: bigint): void {
    this.#bigInt64[index] = value;
  }
  loadBigUint64(index: number): bigint {
    return this.#bigUint64[index] as bigint;
  }
  storeBigUint64(index: number, value: bigint): void {
    this.#bigUint64[index] = value;
  }
  compareExchangeBigInt64(index: number, expected: bigint, replacement: bigint): bigint {
    return Atomics.compareExchange(this.#bigInt64, index, expected, replacement);
  }

  copyOut(byteOffset: number, target: Uint8Array): void {
    target.set(this.#uint8.subarray(byteOffset, byteOffset + target.length));
  }
  copyIn(byteOffset: number, source: Uint8Array): void {
    this.#uint8.set(source, byteOffset);
  }
  writeLatin1(byteOffset: number, text: string): void {
    const { length } = text;
    if (length > LONGEST_LOOP) this.#bytes.latin1Write(text, byteOffset, length);
    else for (let i = 0; i < length; i++) this.#uint8[byteOffset + i] = text.charCodeAt(i);
  }
  readLatin1(byteOffset: number, length: number): string {
    return this.#bytes.latin1Slice(byteOffset, byteOffset + length);
  }
  clear(byteOffset: number, sizeBytes: number): void {
    this.#uint8.fill(0, byteOffset, byteOffset + sizeBytes);
  }
  expose(): ArrayBuffer {
    return this.#mapping.buffer;
  }
}
