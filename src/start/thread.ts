/** What a thread that a scenario starts runs. */
import { workerData } from 'node:worker_threads';
import { enterLabAsThread } from '../process/child-runtime.ts';
import type { ThreadStart } from '../process/thread.ts';
import { runTask } from '../lab/run-task.ts';

void runTask(enterLabAsThread(workerData as ThreadStart));
