/**
 * Who waits, an entry for each wait, so that whoever ends waits picks exactly which.
 *
 * ```
 * block   cell 0 next      byte offset of the next block, 0 for none
 *              1 tickets   counts entries made; of the first block only
 *              4 …         15 entries of 4 cells
 * entry   cell 0 state     0 free, else owner << 4 | asleep << 3 | phase; whose wait it is sleeps on it
 *              1 ticket    the smaller, the longer it has waited
 *              2 before    the tickets there were when it was told: only an older wait may inherit that
 * ```
 *
 * - Entries are made, and blocks added, with the lock held that the list belongs to. Blocks are never taken away.
 * - A wait ends with one compare-and-exchange on its state: by who tells it, or by itself when its time is over. Whichever comes first counts,
 *   so a wait that was told was told, and one that gave up took nothing from another.
 * - A wait that still looks has no bit `asleep`: whoever tells it makes no system call.
 * - A process that is killed leaves its entries. Those that wait are passed over and used again. One that was told already hands on what
 *   it was told to the oldest that waited then: whoever looks around finds it, makes it its own, and tells the heir. (Only a
 *   second kill between these two steps tells one wait too many.)
 */
import type { LabMemory } from '../memory/lab-memory.ts';
import { SLOT_STATE } from '../memory/slot-layout.ts';
import type { OwnedLock } from './owned-lock.ts';

const NEXT = 0;
const TICKETS = 1;
const FIRST_ENTRY = 4;
const TICKET = 1;
const BEFORE = 2;
const ENTRY_CELLS = 4;
export const WAIT_LIST_CELLS = 64;

/** How a wait stands. */
export const PHASE = {
  free: 0,
  waiting: 1,
  told: 2,
  broken: 3,
  reading: 4,
  waitingToWrite: 5,
  writing: 6,
  passed: 7,
} as const;
const PHASE_MASK = 7;
const ASLEEP = 8;
const OWNER_SHIFT = 4;

/** So many looks it takes at most until the operating system has been asked about everybody; the rarest looks come twice a second. */
const TURNS = 3;

const WAITS: ReadonlySet<number> = new Set([PHASE.waiting, PHASE.waitingToWrite]);

export class WaitList {
  readonly #memory: LabMemory;
  readonly #base: number;
  readonly #lock: OwnedLock;
  /** First cells of the blocks and of their entries, as far as this process has seen them. */
  #lastBlock: number;
  readonly #entries: number[] = [];
  /** About whom to ask next, counted on: those who wait begin at different places. */
  #nextAsked: number;

  /**
   * @param baseCell first of its WAIT_LIST_CELLS cells, zeroed at first
   * @param lock the lock it belongs to
   */
  constructor(memory: LabMemory, baseCell: number, lock: OwnedLock) {
    this.#memory = memory;
    this.#lock = lock;
    this.#base = baseCell;
    this.#lastBlock = baseCell;
    this.#nextAsked = memory.self;
    this.#adopt(baseCell);
  }

  /** Enters a wait of this process; returns the cell of its entry. Only with the lock held. */
  enrol(phase: number = PHASE.waiting): number {
    const { cells } = this.#memory;
    const entry = this.#freeEntry();
    cells.store(entry + TICKET, cells.add(this.#base + TICKETS, 1));
    cells.store(entry, this.stateIn(phase));
    return entry;
  }

  /** The state of an entry of this process in a phase, while it does not sleep. */
  stateIn(phase: number): number {
    return (this.#memory.self << OWNER_SHIFT) | phase;
  }

  /** Says that a wait of this process is about to sleep; returns the state on which that is right. */
  fallAsleep(entry: number, phase: number = PHASE.waiting): number {
    const looking = this.stateIn(phase);
    this.#memory.cells.compareExchange(entry, looking, looking | ASLEEP);
    return looking | ASLEEP;
  }

  /** Ends a wait of this process; returns how it stood. */
  leave(entry: number): number {
    const phase = this.giveUp(entry);
    if (!WAITS.has(phase)) this.#memory.cells.store(entry, 0);
    return phase;
  }

  /** As {@link leave}, but the entry of a wait that another has ended stays until then. */
  giveUp(entry: number): number {
    const { cells } = this.#memory;
    for (;;) {
      const state = cells.load(entry);
      const phase = phaseOf(state);
      if (!WAITS.has(phase) || cells.compareExchange(entry, state, 0) === state) return phase;
    }
  }

  /** Tells the `most` oldest waits of the living. Returns how many there were. Only with the lock held. */
  tell(most: number): number {
    this.handOn();
    const before = this.#memory.cells.load(this.#base + TICKETS);
    let told = 0;
    for (const entry of this.#oldestFirst(before)) {
      if (told === most) break;
      if (this.#end(entry, PHASE.told, before)) told++;
    }
    return told;
  }

  /** Ends all waits in a phase. Only with the lock held. */
  tellAll(phase: number): void {
    const before = this.#memory.cells.load(this.#base + TICKETS);
    for (const entry of this.#all()) this.#end(entry, phase, before);
  }

  /** Tells others what processes were told that have died since. */
  handOn(): void {
    const { cells, self } = this.#memory;
    for (const entry of this.#all()) {
      const state = cells.load(entry);
      if (phaseOf(state) !== PHASE.told || !this.#ended(state)) continue;
      if (cells.compareExchange(entry, state, (self << OWNER_SHIFT) | PHASE.told) !== state) continue;
      const before = cells.load(entry + BEFORE);
      for (const heir of this.#oldestFirst(before)) if (this.#end(heir, PHASE.told, before)) break;
      cells.store(entry, 0);
    }
  }

  /** Whether a process has an entry that waits no longer: it may not have gone on yet. */
  mayGoOn(id: number): boolean {
    const { cells } = this.#memory;
    return this.#all().some((entry) => {
      const state = cells.load(entry);
      return state !== 0 && !WAITS.has(phaseOf(state)) && state >>> OWNER_SHIFT === id;
    });
  }

  /**
   * An entry in a phase whose process has died; undefined when there is none. `thorough` also asks the operating system, which takes so long that
   * hundreds who ask about all others would keep every processor busy. So those who are in the phase themselves ask about the next one of them
   * each, and who is not asks about a few at a time, so many that each has had its turn after {@link TURNS} looks.
   */
  dead(phase: number, thorough: boolean): number | undefined {
    const { cells, slots, self } = this.#memory;
    let [first, mine, next] = [0, 0, 0];
    // Whoever waits comes here ten times a second, so nothing is made that would have to be collected.
    for (const entry of this.#all()) {
      const state = cells.load(entry);
      if (phaseOf(state) !== phase) continue;
      if (state >>> OWNER_SHIFT === self) {
        mine ||= entry;
        continue;
      }
      first ||= entry;
      if (mine !== 0) next ||= entry;
      if (!slots.isAlive(state >>> OWNER_SHIFT, false) && cells.load(entry) === state) return entry;
    }
    if (!thorough || first === 0) return undefined;
    if (mine !== 0) return this.#hasDied(next || first, phase) ? next || first : undefined;
    const entries = this.inPhase(phase);
    for (let most = Math.ceil(entries.length / TURNS); most > 0; most--, this.#nextAsked++) {
      const entry = entries[this.#nextAsked % entries.length] ?? first;
      if (this.#hasDied(entry, phase)) return entry;
    }
    return undefined;
  }

  #hasDied(entry: number, phase: number): boolean {
    const { cells, slots } = this.#memory;
    const state = cells.load(entry);
    return phaseOf(state) === phase && !slots.isAlive(state >>> OWNER_SHIFT) && cells.load(entry) === state;
  }

  /** Takes away all entries of this process, which will never look at them again; tells whether there were any. */
  withdraw(): boolean {
    const { cells, self } = this.#memory;
    const mine = this.#all().filter((entry) => cells.load(entry) >>> OWNER_SHIFT === self);
    for (const entry of mine) this.leave(entry);
    return mine.length > 0;
  }

  /** Ends a wait in a phase; false when it is over already. Only with the lock held. */
  end(entry: number, phase: number): boolean {
    return this.#end(entry, phase, this.#memory.cells.load(this.#base + TICKETS));
  }

  /** The entries in a phase whose processes live, the oldest first. Only with the lock held. */
  living(phase: number): number[] {
    return this.#oldestFirst(this.#memory.cells.load(this.#base + TICKETS), phase);
  }

  /** The entries in a phase, whosoever they are. */
  inPhase(phase: number): number[] {
    const { cells } = this.#memory;
    return this.#all().filter((entry) => phaseOf(cells.load(entry)) === phase);
  }

  /** The process whose entry it is. */
  ownerOf(entry: number): number {
    return this.#memory.cells.load(entry) >>> OWNER_SHIFT;
  }

  #end(entry: number, phase: number, before: number): boolean {
    const { cells } = this.#memory;
    for (;;) {
      const state = cells.load(entry);
      if (!WAITS.has(phaseOf(state))) return false;
      cells.store(entry + BEFORE, before);
      const ended = (state & ~(ASLEEP | PHASE_MASK)) | phase;
      if (cells.compareExchange(entry, state, ended) !== state) continue;
      if ((state & ASLEEP) !== 0) this.#lock.wakeInTurn(entry);
      return true;
    }
  }

  /** The entries of living processes that wait and did so before a number of tickets, as of a moment ago. */
  #oldestFirst(before: number, phase: number = PHASE.waiting): number[] {
    const { cells } = this.#memory;
    const age = (entry: number): number => (before - cells.load(entry + TICKET)) | 0;
    const waiting = this.#all().filter((entry) => {
      const state = cells.load(entry);
      return phaseOf(state) === phase && age(entry) > 0 && !this.#ended(state);
    });
    return waiting.length > 1 ? waiting.sort((a, b) => age(b) - age(a)) : waiting;
  }

  #ended(state: number): boolean {
    return this.#memory.slots.state(state >>> OWNER_SHIFT) === SLOT_STATE.ended;
  }

  #freeEntry(): number {
    const { cells, arena } = this.#memory;
    for (const entry of this.#all()) {
      const state = cells.load(entry);
      if (state === 0) return entry;
      // What a dead process was told is kept for its heir, and what it wrote for who takes that over.
      const phase = phaseOf(state);
      if (phase !== PHASE.told && phase !== PHASE.writing && this.#ended(state)) return entry;
    }
    const block = arena.allocate(WAIT_LIST_CELLS * 4);
    cells.store(this.#lastBlock + NEXT, block);
    return this.#adopt(block / 4);
  }

  /** All entries, also those of blocks that others have added. */
  #all(): readonly number[] {
    const { cells } = this.#memory;
    for (;;) {
      const next = cells.load(this.#lastBlock + NEXT) >>> 0;
      if (next === 0) return this.#entries;
      this.#adopt(next / 4);
    }
  }

  /** Takes a block into this process's view; returns its first entry. */
  #adopt(block: number): number {
    this.#lastBlock = block;
    const first = block + FIRST_ENTRY;
    for (let entry = first; entry < block + WAIT_LIST_CELLS; entry += ENTRY_CELLS) this.#entries.push(entry);
    return first;
  }
}

/** How the wait stands whose entry is in that state. */
export function phaseOf(state: number): number {
  return state & PHASE_MASK;
}

/** Frees the blocks that were added to a list that nobody has any more, the last first. @param base first of its cells */
export function freeWaitList({ cells, objects }: LabMemory, base: number): void {
  const links: number[] = [];
  for (let link = base + NEXT; cells.load(link) !== 0; link = (cells.load(link) >>> 0) / 4 + NEXT) links.push(link);
  for (const link of links.reverse()) objects.freePart(link);
}
