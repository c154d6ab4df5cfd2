import { IpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import type { FunctionResolver } from '../process/function-reference.ts';
import { Participant, type Task } from '../process/participant.ts';
import { Process } from '../process/process.ts';
import { Thread } from '../process/thread.ts';

/** So many are kept after their end, so that messages can name them; beyond that their slots are needed for others. */
const MOST_KEPT = 256;
/** How long a daemon has to end when the lab closes. */
const DAEMON_GRACE_MS = 300;

/** The processes and threads that one lab has made. */
export class Crew {
  readonly #memory: LabMemory;
  readonly #resolver: FunctionResolver;
  readonly #ringSupervisor: () => void;
  readonly #names = new Map<string, number>();
  #members: Participant[] = [];

  constructor(memory: LabMemory, resolver: FunctionResolver, ringSupervisor: () => void) {
    this.#memory = memory;
    this.#resolver = resolver;
    this.#ringSupervisor = ringSupervisor;
  }

  process(target: unknown, args: readonly unknown[]): Process {
    return this.#make(Process, target, args);
  }

  thread(target: unknown, args: readonly unknown[]): Thread {
    return this.#make(Thread, target, args);
  }

  /** Starts a member; one that could not be started is forgotten. */
  start<P extends Participant>(member: P): P {
    try {
      return member.start();
    } catch (error) {
      this.#members.splice(this.#members.indexOf(member), 1);
      throw error;
    }
  }

  /** Those that were started and have not ended. */
  active(): Participant[] {
    return this.#members.filter((member) => !member.closed && member.isAlive);
  }

  /** @throws IpcError `ERR_IPC_CHILD_FAILED`, `ERR_IPC_INVALID_ARGUMENT` for what cannot be joined */
  join(members: readonly Participant[], timeoutMs: number | undefined): boolean {
    if (!members.every((member) => member instanceof Participant)) {
      throw new IpcError(
        'ERR_IPC_INVALID_ARGUMENT',
        'what is joined must be a process, a thread, or an array of them',
        {
          hint: 'As in lab.join(lab.start(work)).',
        },
      );
    }
    const started = this.#memory.nowMs();
    for (const member of members) {
      const left = timeoutMs === undefined ? undefined : Math.max(0, timeoutMs - (this.#memory.nowMs() - started));
      if (!member.join(left)) return false;
    }
    refuseFailed(members);
    return true;
  }

  /** Waits for those that are no daemons. @throws IpcError `ERR_IPC_CHILD_FAILED` */
  async joinOthers(): Promise<void> {
    const others = this.active().filter(({ daemon }) => !daemon);
    await Promise.all(others.map((member) => member.joinAsync()));
    refuseFailed(others);
  }

  /** Ends those that are daemons. */
  async endDaemons(): Promise<void> {
    await Promise.all(
      this.active()
        .filter(({ daemon }) => daemon)
        .map(endDaemon),
    );
  }

  /** A name for one more of that name. Those of a child bear its own in front. */
  uniqueName(name: string): string {
    const { slots, self } = this.#memory;
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    const isMain = slots.parent(self) === 0 || slots.parent(slots.parent(self)) === 0;
    return `${isMain ? '' : `${slots.name(self)}:`}${name}-${count}`;
  }

  #make<P extends Participant>(
    kind: new (memory: LabMemory, name: string, task: Task, ring: () => void) => P,
    target: unknown,
    args: readonly unknown[],
  ): P {
    if (this.#members.length >= MOST_KEPT) this.#members = this.#members.filter((each) => !each.releaseSlot());
    const reference = this.#resolver.reference(target);
    const name = this.uniqueName(reference.name);
    const made = new kind(this.#memory, name, { ...reference, args }, this.#ringSupervisor);
    this.#members.push(made);
    return made;
  }
}

/** Asks it to end, and makes it if it will not. */
async function endDaemon(member: Participant): Promise<void> {
  member.terminate();
  if (await member.joinAsync({ timeoutMs: DAEMON_GRACE_MS })) return;
  member.kill();
  await member.joinAsync();
}

function refuseFailed(members: readonly Participant[]): void {
  const failed = members.filter((member) => member.failed);
  const first = failed[0];
  if (first === undefined) return;
  const others = failed.length > 1 ? ` (and ${failed.length - 1} more failed)` : '';
  throw new IpcError('ERR_IPC_CHILD_FAILED', `${first.name} (pid ${first.pid}) ${howItEnded(first)}${others}`, {
    hint: 'lab.join() refuses a process that failed; process.join() only waits for its end.',
  });
}

function howItEnded(member: Participant): string {
  return member.signal === undefined ? `exited with code ${member.exitCode}` : `was ended by ${member.signal}`;
}
