import { writeBlob } from '../memory/blob.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { Condition } from '../primitives/condition.ts';
import { OwnedLock } from '../primitives/owned-lock.ts';
import { bodyCell, type Primitive } from '../primitives/primitive.ts';
import { RawValue } from '../primitives/raw-value.ts';
import { SharedArray } from '../primitives/shared-array.ts';
import { SharedValue } from '../primitives/shared-value.ts';
import { jsonValue } from '../report/json-value.ts';
import { ACTOR, CONTROL, type Control } from './control.ts';
import { OPERATIONS } from './operations.ts';
import type { Chunks, TraceStep } from './session.ts';
import { primitivesIn } from './shared-tree.ts';

/** Tells what actors do and wait for in words, with the names of what they share. */
export class Account {
  readonly #memory: LabMemory;
  readonly #control: Control;
  readonly #shared: readonly Primitive[];
  readonly #chunks: Chunks;

  constructor(memory: LabMemory, control: Control, shared: unknown, chunks: Chunks) {
    this.#memory = memory;
    this.#control = control;
    this.#shared = primitivesIn(shared);
    this.#chunks = chunks;
  }

  actors(): number[] {
    return Array.from({ length: this.#control.get(CONTROL.actors) }, (_, actor) => actor);
  }

  letter(actor: number): string {
    return String.fromCharCode(65 + actor);
  }

  blob(text: string): number {
    return writeBlob(this.#memory.cells, this.#memory.arena, new TextEncoder().encode(text));
  }

  /** Each actor that has not ended, with what it waits for and who holds that. */
  whoWaits(): string {
    return this.actors()
      .filter((actor) => (this.#control.get(CONTROL.stuck) & (1 << actor)) !== 0)
      .map((actor) => this.#whatFor(actor))
      .join('; ');
  }

  /** Writes the step that an actor has just taken down for a replay: what it did, and what is shared after it. */
  note(actor: number, value: unknown, element?: number): void {
    const control = this.#control;
    if (control.get(CONTROL.tracing) === 0) return;
    const name = this.#nameOf(actor) ?? null;
    const step: TraceStep = {
      actor,
      op: control.actor(actor, ACTOR.op),
      object: element === undefined ? name : `${name}[${element}]`,
      value: jsonValue(value),
      shared: Object.fromEntries(
        this.#shared.map((primitive) => [primitive.name, jsonValue(primitive.shownContents())]),
      ),
    };
    const cell = control.traceCell(control.get(CONTROL.depth) - 1);
    const old = this.#memory.cells.loadInt32(cell) >>> 0;
    if (old !== 0) this.#memory.arena.free(old);
    this.#memory.cells.storeInt32(cell, this.#memory.put(step, 'a step'));
  }

  #whatFor(actor: number): string {
    const letter = this.letter(actor);
    const operation = OPERATIONS[this.#control.actor(actor, ACTOR.op)];
    if (operation === 'SPIN') return `${letter} spins, and nobody changes anything`;
    const object = this.#objectOf(actor);
    const asleep = operation === 'AWAKE';
    const lock = object === undefined || asleep ? object : lockOf(object);
    const holder = lock instanceof OwnedLock ? this.#actorOfSlot(lock.ownerSlot) : undefined;
    const cause = holder !== undefined ? `, which ${this.letter(holder)} holds` : asleep ? ', and nobody wakes it' : '';
    return `${letter} ${asleep ? 'sleeps on' : 'waits for'} ${this.#nameOf(actor) ?? 'something'}${cause}`;
  }

  /** What an actor's next or last step is about, by name; where cells are steps, which cell of it. */
  #nameOf(actor: number): string | undefined {
    const object = this.#objectOf(actor);
    if (this.#control.get(CONTROL.cellSteps) === 0) return object?.name;
    const chunk = this.#chunkOf(actor);
    if (chunk === undefined) return undefined;
    const cell = (this.#control.actor(actor, ACTOR.object) >>> 2) - bodyCell(chunk);
    if (object === undefined) return `memory[${cell}]`;
    return cell === 0 || object instanceof RawValue ? object.name : `${object.name}[${cell}]`;
  }

  #objectOf(actor: number): Primitive | undefined {
    const begin =
      this.#control.get(CONTROL.cellSteps) === 1
        ? this.#chunkOf(actor)
        : this.#control.actor(actor, ACTOR.object) >>> 0;
    return this.#known().find((primitive) => this.#offset(primitive) === begin);
  }

  /** Where the chunk begins in which an actor accesses a cell. */
  #chunkOf(actor: number): number | undefined {
    const byteOffset = this.#control.actor(actor, ACTOR.object) >>> 0;
    return this.#chunks.find(([begin, sizeBytes]) => byteOffset >= begin && byteOffset < begin + sizeBytes)?.[0];
  }

  /** What is shared; the lock of a value is not itself among it. */
  #known(): Primitive[] {
    return this.#shared.flatMap((primitive) => [primitive, lockOf(primitive)]);
  }

  #offset(primitive: Primitive): number {
    return this.#memory.objects.referenceOf(primitive) ?? 0;
  }

  #actorOfSlot(slot: number): number | undefined {
    return this.actors().find((actor) => this.#control.actor(actor, ACTOR.slot) === slot);
  }
}

/** What is to be held for using a primitive: the lock of a shared value, an array or a condition, else itself. */
function lockOf(primitive: Primitive): Primitive {
  if (primitive instanceof Condition) return primitive.lock;
  return primitive instanceof SharedValue || primitive instanceof SharedArray ? primitive.getLock() : primitive;
}
