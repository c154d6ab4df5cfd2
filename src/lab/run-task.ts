/** What every process and thread that a lab starts does: fetch the task from the slot, import the module, call the function. */
import { ManagerClients } from '../manager/manager.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { HEADER } from '../memory/layout.ts';
import { registerPrimitives } from '../primitives/attach-table.ts';
import { KIND } from '../primitives/primitive.ts';
import { perform, takeTask } from '../process/child-runtime.ts';
import { FunctionResolver } from '../process/function-reference.ts';
import { resolveOwnName } from '../process/own-name.ts';
import { Lab } from './lab.ts';
import { ThreadLocal } from './thread-local.ts';

/** Runs to the end of the function; an error in it ends the process or thread. */
export async function runTask(memory: LabMemory): Promise<void> {
  registerPrimitives(memory);
  const clients = ManagerClients.register(memory);
  const resolver = new FunctionResolver();
  ThreadLocal.register(memory, resolver);
  let lab: Lab | undefined;
  memory.objects.register(KIND.lab, { attach: (offset) => (lab = new Lab(memory, resolver, { clients, offset })) });
  await perform(memory, async () => {
    if (memory.cells.load(HEADER.ownName) === 1) resolveOwnName();
    const [module, name, args] = takeTask(memory) as [string, string, unknown[]];
    const { threads, self } = memory;
    const isThread = memory.slots.host(self) !== 0;
    // oxlint-disable-next-line unicorn/no-process-exit
    if (isThread && !threads.loads(self)) process.exit();
    const target = await resolver.import({ module, name });
    // oxlint-disable-next-line unicorn/no-process-exit
    if (isThread && !threads.begins(self)) process.exit();
    memory.slots.setTime(memory.self, 'readyAt', memory.nowMs());
    await target(...args);
    await lab?.leave();
  });
}
