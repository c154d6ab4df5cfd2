/**
 * A lock that is a directory: who makes it has the lock. The protocol on the file system, which needs no lab.
 *
 * ```
 * path                  the lock; absent when it is free
 * path/OWNER            its one entry, an empty directory that says who has it
 * path.OWNER/OWNER      one that is about to become the lock, or has just ceased to be
 *
 * OWNER = <pid>-<thread>-<when the thread started>-<namespace of the pids>-<random>
 * ```
 *
 * - Taking: `path.OWNER` is made with its entry in it, then renamed to `path`, in one step and only if nothing is there. So there is no instant
 *   in which somebody has the lock and nobody knows who: a plain mkdir with the entry made afterwards leaves an ownerless lock when its
 *   maker is killed in between.
 * - Giving: `path` is renamed to `path.OWNER`, then removed.
 * - Taking over from the dead: their entry is renamed to one's own. No name comes twice, so of several who try one succeeds, and none who tries
 *   too late. A pid alone may belong to another by now; with the time of the start it does not.
 * - A directory with anything else in it, or with nothing, was made by hand: somebody unknown has the lock, until that somebody removes it.
 * - Who is killed in between leaves a `path.OWNER` behind, which keeps nobody out. The next who takes over or tidies up removes it.
 *
 * Sources: mkdir(2), rename(2), renameat2 with RENAME_NOREPLACE there.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { IpcError } from '../core/errors.ts';
import type { Platform } from '../platform/platform.ts';

/** Who has the lock. */
export interface LockHolder {
  /** The name of its entry; undefined for somebody unknown. */
  readonly entry: string | undefined;
  readonly pid: number | undefined;
  /** Only who is known can be known to be dead. */
  readonly dead: boolean;
}

const UNKNOWN: LockHolder = { entry: undefined, pid: undefined, dead: false };
const OWNER = /^(\d+)-(\d+)-(\d+)-(\d+)-[0-9a-z]+$/;

export class LockDirectory {
  readonly path: string;
  readonly #platform: Platform;

  constructor(platform: Platform, directory: string) {
    this.#platform = platform;
    this.path = directory;
  }

  /**
   * Takes the lock if nobody has it, or from who died with it; never waits. Returns the name of the entry, which {@link give} takes.
   * @throws IpcError `ERR_IPC_FILE_NOT_FOUND` when its folder is not there, `ERR_IPC_FILE`
   */
  tryTake(): string | undefined {
    const holder = this.holder();
    if (holder === undefined) return this.#place();
    return holder.dead && holder.entry !== undefined ? this.#takeOver(holder.entry) : undefined;
  }

  /** Gives the lock back. False: it is no longer the one that was taken, because somebody removed it. */
  give(entry: string): boolean {
    if (!existsSync(path.join(this.path, entry))) return false;
    const away = `${this.path}.${entry}`;
    const given = quietly(() => renameSync(this.path, away));
    remove(away, entry);
    return given;
  }

  /** Who has the lock, alive or not; undefined when it is free. @throws IpcError `ERR_IPC_FILE` */
  holder(): LockHolder | undefined {
    let entries: string[];
    try {
      entries = readdirSync(this.path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw unusable(this.path, error);
    }
    const [entry = ''] = entries;
    const fields = OWNER.exec(entry);
    if (entries.length !== 1 || fields === null) return UNKNOWN;
    return { entry, pid: Number(fields[1]), dead: this.#isDead(fields) };
  }

  /** Removes what the dead have left behind, also the lock itself if one of them has it. */
  tidy(): void {
    const { dir, base } = path.parse(this.path);
    quietly(() => {
      for (const name of readdirSync(dir)) {
        if (!name.startsWith(`${base}.`)) continue;
        const entry = name.slice(base.length + 1);
        const fields = OWNER.exec(entry);
        if (fields !== null && this.#isDead(fields)) remove(path.join(dir, name), entry);
      }
      if (this.holder()?.dead !== true) return;
      const taken = this.tryTake();
      if (taken !== undefined) this.give(taken);
    });
  }

  #place(): string | undefined {
    const entry = this.#ownName();
    const prepared = `${this.path}.${entry}`;
    try {
      mkdirSync(prepared);
      mkdirSync(path.join(prepared, entry));
      if (this.appear(prepared)) return entry;
    } catch (error) {
      remove(prepared, entry);
      throw isMissing(error) ? folderMissing(this.path, error) : unusable(this.path, error);
    }
    remove(prepared, entry);
    return undefined;
  }

  #takeOver(dead: string): string | undefined {
    const entry = this.#ownName();
    try {
      this.inherit(dead, entry);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw unusable(this.path, error);
    }
    remove(`${this.path}.${dead}`, dead);
    return entry;
  }

  /** The step that decides who has the lock: makes what was prepared the lock, if there is none. @internal */
  protected appear(prepared: string): boolean {
    return this.#platform.files.renameToNew(prepared, this.path);
  }

  /** The step that decides who has it from the dead; throws that there is no such file when another was faster. @internal */
  protected inherit(dead: string, entry: string): void {
    renameSync(path.join(this.path, dead), path.join(this.path, entry));
  }

  #ownName(): string {
    const thread = this.#platform.threadId();
    const started = this.#platform.identifyThread(process.pid, thread)?.startTime ?? 0;
    return `${process.pid}-${thread}-${started}-${this.#platform.processNamespace()}-${randomName()}`;
  }

  #isDead([, pid, thread, started, namespace]: readonly string[]): boolean {
    if (namespace !== this.#platform.processNamespace()) return false;
    return this.#platform.identifyThread(Number(pid), Number(thread))?.startTime !== Number(started);
  }
}

/** Eight letters and digits or fewer: nobody has to guess them, they only have to differ. */
export function randomName(): string {
  return Math.floor(Math.random() * 36 ** 8).toString(36);
}

/** Refuses what can never be a lock directory. @throws IpcError `ERR_IPC_FILE_NOT_FOUND`, `ERR_IPC_FILE` */
export function checkPlace(platform: Platform, directory: string): void {
  if (!existsSync(path.dirname(directory))) throw folderMissing(directory);
  new LockDirectory(platform, directory).holder();
}

function remove(directory: string, entry: string): void {
  quietly(() => rmdirSync(path.join(directory, entry)));
  quietly(() => rmdirSync(directory));
}

/** What is gone already need not be removed, and what cannot be removed keeps nobody out. */
function quietly(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ERR_IPC_FILE_NOT_FOUND')
  );
}

function folderMissing(directory: string, cause?: unknown): IpcError {
  return new IpcError(
    'ERR_IPC_FILE_NOT_FOUND',
    `cannot make ${directory}: there is no folder ${path.dirname(directory)}`,
    {
      hint: 'Only the lock itself is made; make the folder that it is to be in.',
      cause,
    },
  );
}

function unusable(directory: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof IpcError || !('code' in error)) return error;
  if (error.code === 'ENOTDIR') {
    return new IpcError('ERR_IPC_FILE', `${directory} cannot be a lock: it, or a part of its path, is a file`, {
      hint: 'A lock directory is made when it is acquired and removed when it is released: name what is not there.',
      cause: error,
    });
  }
  return new IpcError('ERR_IPC_FILE', `${directory} cannot be a lock: the system says ${String(error.code)}`, {
    hint: 'Its folder must be yours to write to.',
    cause: error,
  });
}
