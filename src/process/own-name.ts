/**
 * A user's file outside this package imports 'ipc-lab', and Node finds nothing by that name from there. Then every process of the lab resolves
 * the name to the package it belongs to itself.
 */
import { createRequire, register } from 'node:module';
import * as nodeModule from 'node:module';
import { resolve } from './own-name-hook.ts';

/** Tells whether a module at that URL can import 'ipc-lab' by itself. */
export function findsOwnName(moduleUrl: string): boolean {
  try {
    createRequire(moduleUrl).resolve('ipc-lab');
    return true;
  } catch {
    return false;
  }
}

type RegisterHooks = (hooks: { resolve: typeof resolve }) => unknown;

/** Makes 'ipc-lab' mean this package, wherever it is imported from. Node before 22.15 needs a thread of its own for that, some 20 ms. */
export function resolveOwnName(): void {
  const registerHooks: unknown = Reflect.get(nodeModule, 'registerHooks');
  if (typeof registerHooks === 'function') (registerHooks as RegisterHooks)({ resolve });
  else register(new URL('../process/own-name-hook.js', import.meta.url));
}
