/** What the main process of a lab runs. */
import { enterLab } from '../process/child-runtime.ts';
import { runMain } from '../scenario/run-main.ts';

void runMain(enterLab());
