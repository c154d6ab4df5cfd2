/** A process is killed at every store of what it does with a lock, a condition, a barrier and their like: the others go on, all of them. */
import { describe, expect, test } from 'vitest';
import { SharedLab } from '../shared-lab.ts';
import { killAt, wasKilled } from '../twins/kill-at.ts';
import { SCENES, settled } from './death-scenes.ts';

const MOST_STORES = 300;

describe('whoever is killed at any store of', () => {
  test.each(SCENES)('%s', async (_name, make) => {
    for (let at = 1, survived = false; !survived; at++) {
      expect(at, 'the number of stores').toBeLessThan(MOST_STORES);
      using lab = new SharedLab(4, 1024 * 1024);
      const scene = make(lab);
      await settled();
      const revive = killAt(lab.memory(0).cells, at);
      try {
        scene.act();
        survived = true;
      } catch (error) {
        if (!wasKilled(error)) throw error;
      }
      revive();
      if (!survived) lab.die(0);
      try {
        await scene.goOn(survived);
      } catch (error) {
        throw new Error(`killed at store ${at}: ${String(error)}`, { cause: error });
      }
    }
  });
});
