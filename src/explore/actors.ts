import type { Lab } from '../lab/lab.ts';
import type { Queue } from '../primitives/queue.ts';
import type { FunctionReference } from '../process/function-reference.ts';
import type { Process } from '../process/process.ts';
import type { Thread } from '../process/thread.ts';
import type { Task } from './actor.ts';

/** What every actor's process runs. */
const ACT: FunctionReference = { module: new URL('../explore/actor.js', import.meta.url).href, name: 'act' };

interface Member {
  readonly started: Process | Thread;
  readonly tasks: Queue<Task | null>;
}

/**
 * The processes or threads that run the actors of one exploration after the other: starting them takes longer than most searches. What an actor
 * remembers is still there in the next.
 */
export class Actors {
  readonly lab: Lab;
  readonly #threads: boolean;
  #members: Member[] = [];

  constructor(lab: Lab, threads: boolean) {
    this.lab = lab;
    this.#threads = threads;
  }

  /** Hands each of the tasks to one of them; returns who has got them, in their order. */
  give(tasks: readonly Task[]): (Process | Thread)[] {
    while (this.#members.length < tasks.length) this.#members.push(this.#start(this.#members.length));
    return tasks.map((task, index) => {
      const { started, tasks: queue } = this.#members[index] as Member;
      queue.put(task);
      return started;
    });
  }

  /** They have no more to do. */
  end(): void {
    for (const { tasks } of this.#members) tasks.put(null);
    this.lab.join(this.#members.map(({ started }) => started));
    this.#members = [];
  }

  /** Whoever computes for ever, or parks at a gate that nobody opens any more, does not end by itself. */
  kill(): void {
    for (const { started } of this.#members) started.kill();
    this.#members = [];
  }

  #start(index: number): Member {
    const name = `actor ${String.fromCharCode(65 + index)}`;
    const tasks = this.lab.queue<Task | null>({ name: `what ${name} does` });
    const started = this.#threads ? this.lab.thread(ACT, tasks) : this.lab.process(ACT, tasks);
    started.name = name;
    return { started: started.start(), tasks };
  }
}
