/** What every process that a scenario starts runs: fetch the task from the slot, import the module, call the function. */
import { HEADER } from '../memory/layout.ts';
import { ManagerClients } from '../manager/manager.ts';
import { registerPrimitives } from '../primitives/attach-table.ts';
import { enterLab, perform, takeTask } from '../process/child-runtime.ts';
import { importFunction } from '../process/function-reference.ts';
import { resolveOwnName } from '../process/own-name.ts';

const memory = enterLab();
registerPrimitives(memory);
ManagerClients.register(memory);
await perform(memory, async () => {
  if (memory.cells.load(HEADER.ownName) === 1) resolveOwnName();
  const [module, name, args] = takeTask(memory) as [string, string, unknown[]];
  const target = await importFunction({ module, name });
  memory.slots.setTime(memory.self, 'readyAt', memory.nowMs());
  await target(...args);
});
