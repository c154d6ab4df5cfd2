import { afterEach, expect } from 'vitest';
import { whatIsLeft } from './leaks.ts';

/** Makes every test of the calling file fail that leaves a process or shared memory behind. */
export function refuseLeaks(): void {
  afterEach(() => {
    expect(whatIsLeft()).toEqual({ processes: [], segments: [] });
  });
}
