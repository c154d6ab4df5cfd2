import { IpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { HEADER, LAB_STATE } from '../memory/layout.ts';
import { Lookout, type Watched } from '../memory/lookout.ts';
import { Patience } from '../memory/patience.ts';
import { SLICE_MS } from '../memory/waiting.ts';
import { ACTOR, CONTROL, type Control } from './control.ts';

const LOOKS = 4000;
const LOOKING = { pauseTurns: 16, looksPerYield: 128 };

/** Whose turn it is: handed from actor to actor, awaited by looking for a moment where that can be worth it, and then by sleeping. */
export class Turn {
  readonly #memory: LabMemory;
  readonly #control: Control;
  readonly #goCell: number;
  readonly #patience = new Patience(LOOKS);
  readonly #lookout: Lookout;
  readonly #handed: Watched<true>;
  #seen: number;

  /** The turn as actor `index` sees it. */
  constructor(memory: LabMemory, control: Control, index: number) {
    this.#memory = memory;
    this.#control = control;
    this.#goCell = control.actorCell(index, ACTOR.go);
    // With fewer processors than actors all are better off on one: the turn goes from one to the next in any case.
    const alone = control.get(CONTROL.actors) > memory.platform.cores;
    if (alone) memory.platform.stayOnOneProcessor();
    this.#lookout = new Lookout(memory.cells, memory.platform, { ...LOOKING, alone });
    this.#seen = memory.cells.load(this.#goCell);
    const seen = (): number => this.#seen;
    this.#handed = {
      cell: this.#goCell,
      get expected() {
        return seen();
      },
      attempt: () => true,
    };
  }

  /** SYNC POINT turn: what was written before is seen by who gets it. */
  give(actor: number): void {
    const { cells } = this.#memory;
    const go = this.#control.actorCell(actor, ACTOR.go);
    cells.add(go, 1);
    if (cells.load(go + 1) === 1) cells.wake(go, 1);
  }

  /** Parks until it is this actor's. @throws IpcError `ERR_IPC_LAB_ENDING` */
  await(): void {
    const { cells } = this.#memory;
    // SYNC POINT turn
    if (this.#lookout.look(this.#handed, this.#patience) === undefined) {
      cells.store(this.#goCell + 1, 1);
      while (cells.load(this.#goCell) === this.#seen) {
        cells.wait(this.#goCell, this.#seen, SLICE_MS);
        if (cells.load(HEADER.state) !== LAB_STATE.running)
          throw new IpcError('ERR_IPC_LAB_ENDING', 'the lab is ending');
      }
      cells.store(this.#goCell + 1, 0);
    }
    this.#seen = (this.#seen + 1) | 0;
  }
}
