/** What a process that a scenario starts runs. */
import { enterLab } from '../process/child-runtime.ts';
import { runTask } from './run-task.ts';

await runTask(enterLab());
