/**
 * Lock directories with a fault in them that must be found: in the middle of the step that decides, others do what they like. The real one keeps
 * its promise there; each twin is how it is often done.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { currentPlatform } from '#src/platform/current.js';
import { LockDirectory } from '#src/primitives/lock-directory.js';
import { ownFolder } from '../temporary-folder.ts';

const { file: fileIn } = ownFolder();
const platform = currentPlatform();

/** One who is interrupted just before the deciding step. */
class Interrupted extends LockDirectory {
  /** What happens meanwhile, once. */
  meanwhile: () => void = () => {};

  protected override appear(prepared: string): boolean {
    this.interrupt();
    return super.appear(prepared);
  }

  protected override inherit(dead: string, entry: string): void {
    this.interrupt();
    super.inherit(dead, entry);
  }

  protected interrupt(): void {
    const { meanwhile } = this;
    this.meanwhile = () => {};
    meanwhile();
  }
}

/** Looks whether it is there, then makes it, as `test -d lock || mkdir -p lock` does. */
class LooksThenMakes extends Interrupted {
  protected override appear(prepared: string): boolean {
    if (existsSync(this.path)) return false;
    this.interrupt();
    mkdirSync(path.join(this.path, path.basename(prepared).slice(path.basename(this.path).length + 1)), {
      recursive: true,
    });
    rmSync(prepared, { recursive: true });
    return true;
  }
}

/** Renames as rename(2) does, onto what is empty too. */
class Replaces extends Interrupted {
  protected override appear(prepared: string): boolean {
    this.interrupt();
    try {
      renameSync(prepared, this.path);
      return true;
    } catch {
      return false;
    }
  }
}

/** Removes what the dead have left, then makes it anew. */
class ClearsAway extends Interrupted {
  protected override inherit(_dead: string, entry: string): void {
    this.interrupt();
    rmSync(this.path, { recursive: true });
    mkdirSync(path.join(this.path, entry), { recursive: true });
  }
}

type Kind = new (...args: ConstructorParameters<typeof LockDirectory>) => Interrupted;

/** How many have the lock when a second tries while the first is about to place it. */
function holdersOfFree(Kind: Kind): number {
  const [first, second] = [new Kind(platform, fileIn('lock')), new Kind(platform, fileIn('lock'))];
  let taken = 0;
  first.meanwhile = () => {
    if (second.tryTake() !== undefined) taken++;
  };
  if (first.tryTake() !== undefined) taken++;
  return taken;
}

/** As {@link holdersOfFree}, where the second is a program that knows nothing but mkdir. */
function holdersBesideMkdir(Kind: Kind): number {
  const first = new Kind(platform, fileIn('lock'));
  first.meanwhile = () => mkdirSync(first.path);
  return first.tryTake() === undefined ? 1 : 2;
}

/** As {@link holdersOfFree}, of a lock whose owner has died; the second may have given it back, and a third have it. */
function holdersOfLeft(Kind: Kind, secondGives: boolean): number {
  const [first, second, third] = Array.from({ length: 3 }, () => new Kind(platform, fileIn('lock'))) as [
    Interrupted,
    Interrupted,
    Interrupted,
  ];
  const { pid } = spawnSync('true');
  mkdirSync(path.join(first.path, `${pid}-${pid}-1-${platform.processNamespace()}-dead`), { recursive: true });
  let taken = 0;
  first.meanwhile = () => {
    const entry = second.tryTake();
    if (entry === undefined) return;
    if (!secondGives || !second.give(entry)) taken++;
    else if (third.tryTake() !== undefined) taken++;
  };
  if (first.tryTake() !== undefined) taken++;
  return taken;
}

describe('a lock directory', () => {
  test('has one holder, whoever comes in between', () => {
    expect(holdersOfFree(Interrupted)).toBe(1);
    rmSync(fileIn('lock'), { recursive: true });
    expect(holdersBesideMkdir(Interrupted)).toBe(1);
    for (const secondGives of [false, true]) {
      rmSync(fileIn('lock'), { recursive: true });
      expect(holdersOfLeft(Interrupted, secondGives)).toBe(1);
    }
  });

  test('that is looked for and then made has two', () => {
    expect(holdersOfFree(LooksThenMakes)).toBe(2);
  });

  test('that is renamed onto an empty one has two', () => {
    expect(holdersOfFree(Replaces)).toBe(1);
    rmSync(fileIn('lock'), { recursive: true });
    expect(holdersBesideMkdir(Replaces)).toBe(2);
  });

  test.each([false, true])(
    'that is cleared away when its owner has died has two (given back meanwhile: %s)',
    (gives) => {
      expect(holdersOfLeft(ClearsAway, gives)).toBe(2);
    },
  );
});
