/** What a process that a scenario starts runs. */
import { enterLab } from '../process/child-runtime.ts';
import { runTask } from '../lab/run-task.ts';

void runTask(enterLab());
