/** Every mechanism that is measured: how it runs through ipc-lab, and what it is compared with. */
import type { Mechanism } from './mechanism.ts';
import { COMMANDS } from './mechanisms/commands.ts';
import { LOCKS } from './mechanisms/locks.ts';
import { MESSAGES } from './mechanisms/messages.ts';
import { ROUNDS } from './mechanisms/rounds.ts';
import { VALUES } from './mechanisms/values.ts';

export const MECHANISMS: readonly Mechanism[] = [...LOCKS, ...VALUES, ...ROUNDS, ...MESSAGES, ...COMMANDS];
