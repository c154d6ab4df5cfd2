import { IpcError } from '../core/errors.ts';
import type { AsyncWaitOptions } from '../memory/waiting.ts';
import { during } from './during.ts';
import { Primitive } from './primitive.ts';

/** What all locks have in common: how they are acquired and released, and how they are held for a block. */
export abstract class Holdable extends Primitive {
  /** Name of the process that holds it, alive or not; undefined when it is free. */
  abstract get owner(): string | undefined;
  /** Whether anybody holds it at this moment. */
  abstract get locked(): boolean;

  /** Acquires it; blocks while another holds it. Returns false when `timeoutMs` passed first; with 0 it does not wait. */
  abstract acquire(timeoutMs?: number): boolean;
  /** Acquires it if that takes no waiting. */
  abstract tryAcquire(): boolean;
  /** As {@link acquire}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  abstract acquireAsync(options?: AsyncWaitOptions): Promise<boolean>;
  /** Releases it and wakes one that waits. @throws IpcError `ERR_IPC_NOT_OWNER` or `ERR_IPC_RELEASED_TOO_OFTEN` */
  abstract release(): void;

  /**
   * Acquires it and returns what releases it at the end of a block: `using _held = lock.hold();`. Blocks.
   * @throws IpcError `ERR_IPC_OWNER_DIED`, `ERR_IPC_TIMEOUT`
   */
  hold(timeoutMs?: number): Disposable {
    if (!this.acquire(timeoutMs)) throw this.timedOut(timeoutMs);
    return this.#held;
  }

  /**
   * Calls `critical` with the lock held, and returns what it returns. If that is a promise, the lock is held until it settles. Blocks.
   * @throws IpcError as {@link hold}, and whatever `critical` throws
   */
  with<T>(critical: () => T, timeoutMs?: number): T {
    return during(this.hold(timeoutMs), critical);
  }

  readonly #held: Disposable = { [Symbol.dispose]: () => this.release() };

  /** @internal */
  override shownContents(): unknown {
    return this.locked ? `held by ${this.owner}` : 'free';
  }

  /** @internal */
  protected timedOut(timeoutMs: number | undefined): IpcError {
    return new IpcError(
      'ERR_IPC_TIMEOUT',
      `${this.name} could not be acquired within ${timeoutMs} ms: ${this.owner ?? 'nobody'} holds it`,
    );
  }

  /** @internal */
  protected notOwner(): IpcError {
    return new IpcError(
      'ERR_IPC_NOT_OWNER',
      `${this.name} can be released only by its owner, and ${this.owner ?? 'nobody'} holds it`,
    );
  }

  /** @internal */
  protected ownerDied(owner: string): IpcError {
    return ownerDied(this.name, owner);
  }
}

/** Says that a lock cannot be had because its owner took it along. */
export function ownerDied(lock: string, owner: string): IpcError {
  return new IpcError('ERR_IPC_OWNER_DIED', `${lock} is held by ${owner}, which has ended without releasing it`, {
    hint: 'What it protects may be half written. takeOver() makes it yours; repair the data, then release it.',
  });
}
