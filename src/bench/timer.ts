/** The smallest step that the clock was seen to take, in nanoseconds: what lasts only a few of them cannot be measured with it. */
export function timerFloorNs(looks = 1000): number {
  let floor = Number.POSITIVE_INFINITY;
  let before = process.hrtime.bigint();
  for (let look = 0; look < looks; look++) {
    const now = process.hrtime.bigint();
    if (now > before) floor = Math.min(floor, Number(now - before));
    before = now;
  }
  return floor;
}
