/**
 * An exploration as the process that asked for it sees it: makes what the actors share, starts them, sleeps while they search, and reads what they
 * found. The actors stay alive from the first execution to the last.
 */
import { IpcError } from '../core/errors.ts';
import { readBlob } from '../memory/blob.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { Primitive } from '../primitives/primitive.ts';
import type { FunctionReference } from '../process/function-reference.ts';
import type { Granularity } from '../report/explore.ts';
import type { Program } from '../scenario/define.ts';
import type { Actors } from './actors.ts';
import {
  ACTOR,
  CONTROL,
  type Control,
  DEEPEST,
  FAILURE,
  MOST_ACTORS,
  MOST_ENDLESS,
  MOST_OUTCOMES,
  STEP,
  UNKNOWN_ACTOR,
} from './control.ts';
import { type Counted, Outcomes } from './outcomes.ts';
import { type Chunks, controlOf, SESSION_LENGTH, type TraceStep } from './session.ts';
import { refuseUnseen } from './unseen.ts';
import { failed, Watch } from './watch.ts';

/** A search that makes no progress for that long hangs in an actor's own code. */
const PATIENCE_MS = 5000;

export interface ExplorationOptions {
  /** What a step is. */
  readonly granularity: Granularity;
  /** Whether the actors are threads of one process, instead of processes. */
  readonly threads: boolean;
  readonly reduction: boolean;
  /** -1 for no bound. */
  readonly preemptionBound: number;
  /** 0 for depth first, else a seed for random schedules. */
  readonly seed: number;
  /** The most executions; 0 for no bound. */
  readonly executionLimit: number;
  /** Stop after so many milliseconds. */
  readonly timeLimitMs: number;
  /** Follow this schedule instead of searching. */
  readonly schedule?: readonly number[];
  /** Stop at the first forbidden outcome. */
  readonly stopAtForbidden?: boolean;
  /** The most steps of an execution. */
  readonly stepLimit?: number;
  /** How long an actor may compute between two steps. */
  readonly patienceMs?: number;
}

export interface Explored {
  readonly actors: number;
  /** Whether all schedules were run that the options let through. */
  readonly complete: boolean;
  /** Why it ended before, other than because as many were run as were asked for; null for no such reason. */
  readonly stopped: string | null;
  readonly schedules: number;
  readonly redundant: number;
  readonly steps: number;
  readonly wallMs: number;
  readonly outcomes: readonly Counted[];
  readonly trace: readonly TraceStep[];
  /** For each step of the trace, whether it preempts. */
  readonly preemptions: readonly boolean[];
}

export interface ProgramModule {
  readonly program: Program;
  /** URL of the module whose default export is the scenario. */
  readonly url: string;
  readonly reference: (actor: unknown) => FunctionReference;
}

/** Explores a program with given parameters, its actors run by those. @throws IpcError `ERR_IPC_EXPLORATION_FAILED` when its actors do not behave as actors must */
export function explore(
  among: Actors,
  { program, url, reference }: ProgramModule,
  params: object,
  options: ExplorationOptions,
): Explored {
  const { lab } = among;
  const session = lab.rawArray('i', SESSION_LENGTH, { name: 'session' });
  const memory = Primitive.memoryOf(session);
  const control = controlOf(session);
  const before = new Set(usedChunks(memory).map(([offset]) => offset));
  const shared = program.shared(lab, params as never);
  refuseUnseen(shared, options.granularity);
  // Refuses what cannot be sent to the actors, by its place.
  memory.discard(memory.put(shared, 'what is shared'));
  const chunks: Chunks = usedChunks(memory).filter(([offset]) => !before.has(offset));
  const actors = program.actors(params as never).map(reference);
  if (actors.length < 1 || actors.length > MOST_ACTORS) {
    throw new IpcError('ERR_IPC_SCENARIO_INVALID', `a program has 1 to ${MOST_ACTORS} actors, not ${actors.length}`);
  }
  prepare(control, actors.length, options);
  const started = among.give(
    actors.map(({ module, name }, index) => ({ session, index, program: url, module, name, shared, params, chunks })),
  );
  const watch = new Watch(memory, control, started, options.patienceMs ?? PATIENCE_MS);
  let wallMs: number;
  try {
    watch.untilReady();
    const began = performance.now();
    for (const index of actors.keys()) {
      const go = control.actorCell(index, ACTOR.go);
      memory.cells.add(go, 1);
      memory.cells.wake(go, 1);
    }
    watch.untilEnded(options.timeLimitMs);
    wallMs = performance.now() - began;
    watch.untilLeft();
  } catch (error) {
    among.kill();
    throw error;
  }
  refuseFailure(memory, control);
  return {
    actors: actors.length,
    complete: control.get(CONTROL.complete) === 1,
    stopped: whyStopped(control, wallMs),
    schedules: control.count(CONTROL.executions),
    redundant: control.count(CONTROL.redundant),
    steps: control.get(CONTROL.deepest),
    wallMs,
    outcomes: new Outcomes(memory, control).all(),
    ...readTrace(memory, control, options),
  };
}

function usedChunks(memory: LabMemory): [number, number][] {
  return (
    [...memory.arena.chunks()]
      // Others allocate at the same time, the supervisor first of all: what is theirs must not be reset.
      .filter(({ owner }) => owner === memory.self)
      .map(({ byteOffset, sizeBytes }) => [byteOffset, sizeBytes])
  );
}

function whyStopped(control: Control, wallMs: number): string | null {
  if (control.get(CONTROL.complete) === 1) return null;
  if (control.get(CONTROL.stopAtForbidden) === 2) return 'stopped at the first that goes wrong';
  if (control.get(CONTROL.endless) >= MOST_ENDLESS) return `stopped after ${MOST_ENDLESS} schedules without an end`;
  return control.get(CONTROL.stop) === 1 ? `stopped after ${(wallMs / 1000).toFixed(1)} s` : null;
}

function prepare(control: Control, actors: number, options: ExplorationOptions): void {
  control.set(CONTROL.actors, actors);
  control.set(CONTROL.cellSteps, options.granularity === 'cell' ? 1 : 0);
  control.set(CONTROL.reduction, options.reduction && options.preemptionBound < 0 && options.seed === 0 ? 1 : 0);
  control.set(CONTROL.preemptionBound, options.preemptionBound);
  control.set(CONTROL.random, options.seed);
  control.set(CONTROL.stepLimit, Math.min(options.stepLimit ?? DEEPEST, DEEPEST - 1));
  control.set(CONTROL.stopAtForbidden, options.stopAtForbidden === true ? 1 : 0);
  control.set(CONTROL.executionLimit, options.executionLimit);
  if (options.schedule === undefined) return;
  control.set(CONTROL.tracing, 1);
  control.set(CONTROL.prefix, options.schedule.length);
  for (const [depth, actor] of options.schedule.entries()) control.setStep(depth, STEP.chosen, actor);
}

function refuseFailure(memory: LabMemory, control: Control): void {
  const index = control.get(CONTROL.failedActor);
  const actor = index === UNKNOWN_ACTOR ? 'an actor' : `actor ${String.fromCharCode(65 + index)}`;
  switch (control.get(CONTROL.failure)) {
    case FAILURE.notAFunctionOfSchedule:
      throw failed(
        `${actor} did something else when the same schedule was run again: what it does depends on time, random numbers or what it remembers`,
      );
    case FAILURE.scheduleImpossible:
      throw impossible(`${actor} cannot take the step that the schedule gives it`);
    case FAILURE.scheduleTooLong:
      throw impossible(`${actor} cannot take the step that the schedule gives it: the execution is over before`);
    case FAILURE.tooManyOutcomes:
      throw failed(
        `the program has more than ${MOST_OUTCOMES} different outcomes, more than the explorer can tell apart`,
      );
    case FAILURE.unseen:
      throw new IpcError(
        'ERR_IPC_UNSEEN',
        `${actor}: ${new TextDecoder().decode(readBlob(memory.cells, control.get(CONTROL.unseen) >>> 0))}`,
        { hint: 'Use the operations that are one step each: value, get and set, acquire and release, put and get.' },
      );
  }
}

function impossible(message: string): IpcError {
  return new IpcError('ERR_IPC_EXPLORATION_FAILED', message, {
    hint: 'The token belongs to another state of the program. Explore it again.',
  });
}

function readTrace(
  memory: LabMemory,
  control: Control,
  { schedule }: ExplorationOptions,
): Pick<Explored, 'trace' | 'preemptions'> {
  if (schedule === undefined) return { trace: [], preemptions: [] };
  const depth = control.get(CONTROL.deepest);
  const trace = Array.from(
    { length: depth },
    (_, step) => memory.take(memory.cells.load(control.traceCell(step)) >>> 0) as TraceStep,
  );
  const preemptions = trace.map((_, step) => {
    if (step === 0) return false;
    const previous = control.step(step - 1, STEP.chosen);
    return previous !== control.step(step, STEP.chosen) && (control.step(step, STEP.enabled) & (1 << previous)) !== 0;
  });
  return { trace, preemptions };
}
