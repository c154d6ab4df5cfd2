/** The work of a lab's main process: load the scenario, run it, close the lab, tell the supervisor what came out. */
import { isDeepStrictEqual } from 'node:util';
import { isIpcError } from '../core/errors.ts';
import { Lab } from '../lab/lab.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { HEADER } from '../memory/layout.ts';
import { registerPrimitives } from '../primitives/attach-table.ts';
import { errorRecord, perform, takeTask } from '../process/child-runtime.ts';
import { FunctionResolver } from '../process/function-reference.ts';
import { findsOwnName, resolveOwnName } from '../process/own-name.ts';
import { jsonValue } from '../report/json-value.ts';
import { asGrade, isMeantToFail } from './grading.ts';
import { type LoadedScenario, loadScenario } from './load.ts';
import type { Announcement, MainTask, Outcome } from './outcome.ts';
import { parseParameters, questionsFor } from './parameters.ts';

/** Runs the scenario of the slot to its end; an error in it ends the process. */
export async function runMain(memory: LabMemory): Promise<void> {
  registerPrimitives(memory);
  await perform(memory, () => loadAndRun(memory));
}

async function loadAndRun(memory: LabMemory): Promise<void> {
  const { url, params: typed, mayAsk } = takeTask(memory) as MainTask;
  if (!findsOwnName(url)) {
    memory.cells.store(HEADER.ownName, 1);
    resolveOwnName();
  }
  let loaded: LoadedScenario;
  let params: Announcement['params'];
  try {
    loaded = await loadScenario(url);
    params = parseParameters(loaded.scenario.name, loaded.scenario.params ?? {}, typed);
  } catch (error) {
    if (!isIpcError(error)) throw error;
    tell(memory, HEADER.outcome, { kind: 'refused', error: errorRecord(error) });
    return;
  }
  const { scenario, exports } = loaded;
  const questions = mayAsk ? questionsFor(scenario.params ?? {}, typed) : [];
  if (questions.length > 0) {
    tell(memory, HEADER.outcome, { kind: 'asks', questions });
    return;
  }
  tell(memory, HEADER.announcement, { scenario: scenario.name, title: scenario.title, params });
  const lab = new Lab(memory, new FunctionResolver(url, exports));
  memory.slots.setTime(memory.self, 'readyAt', memory.nowMs());
  const result = await scenario.run(lab, params as never);
  const shared = await lab.close();
  const expected = scenario.expect?.(params as never);
  const grade = scenario.grade === undefined ? null : asGrade(scenario.grade(result, params as never), result);
  const mustNotBe = grade === 'forbidden' && !isMeantToFail(scenario, params);
  // Refuses what a report could only show as empty: a forgotten promise, a function.
  memory.discard(memory.put(result, 'the result of run()'));
  tell(memory, HEADER.outcome, {
    kind: 'finished',
    ok: !mustNotBe && (scenario.expect === undefined || isDeepStrictEqual(result, expected)),
    result: jsonValue(result),
    expected: jsonValue(expected),
    grade,
    shared: shared.map((each) => ({ ...each, before: jsonValue(each.before), after: jsonValue(each.after) })),
  });
}

function tell(memory: LabMemory, cell: number, what: Announcement | Outcome): void {
  memory.cells.store(cell, memory.put(what, 'the result of run()'));
}
