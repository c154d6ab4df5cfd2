/** A race in words: what came out, and its figures as people write them. */
import type { RaceReport, RaceRunReport } from '../../report/race.ts';
import type { Style } from './style.ts';

/** What came out, in one sentence. */
export function raceVerdict({ verdict, runs }: RaceReport): string {
  const free = runs.find(({ lock }) => lock === 'none');
  const locked = runs.find(({ lock }) => lock !== 'none');
  const name = lockName(locked?.lock ?? '');
  if (verdict === 'lock-lost-updates' && locked) {
    return `THE ${name.toUpperCase()} LOST ${countText(locked.lost)} of ${countText(locked.expected)} updates: it is broken.`;
  }
  if (verdict === 'inconclusive' && free) {
    if (free.processes === 1) return 'Nothing was lost, and nothing can be: one process has nobody to race against.';
    return 'INCONCLUSIVE: no update was lost this time. That proves nothing: forced, one is lost.';
  }
  if (free && locked) {
    const but = locked.wallMs >= free.wallMs ? 'but' : 'and';
    return `${percentText(free.lostPct)} of all updates LOST. With the ${name} none, ${but} ${costText(free, locked)}.`;
  }
  if (free)
    return `${percentText(free.lostPct)} of all updates LOST: ${countText(free.lost)} of ${countText(free.expected)}.`;
  return `Nothing lost: with the ${name}, all ${countText(locked?.expected ?? 0)} updates arrived.`;
}

/** How to colour the verdict: that updates are lost without a lock is what the class came to see, but it is no good news. */
export function verdictPaint({ verdict, runs }: RaceReport, style: Style): (text: string) => string {
  return verdict === 'as-announced' && runs.every(({ lost }) => lost === 0) ? style.good : style.bad;
}

/** What people call a kind of lock. */
export function lockName(lock: string): string {
  return lock === 'none' ? 'no lock' : lock === 'atomic' ? 'atomic add' : lock;
}

/** What the lock cost: `6.4 times as slow`. */
export function costText(free: RaceRunReport, locked: RaceRunReport): string {
  const ratio = locked.wallMs / free.wallMs;
  const times = (value: number): string => (value < 9.95 ? value.toFixed(1) : countText(Math.round(value)));
  return ratio >= 1 ? `${times(ratio)} times as slow` : `${times(1 / ratio)} times as fast`;
}

/** 20,000,000 */
export function countText(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** Never 0 % for a loss, and never 100 % as long as something arrived. */
export function percentText(percent: number): string {
  if (percent > 0 && percent < 0.1) return 'under 0.1 %';
  return `${Math.min(percent, percent < 100 ? 99.9 : 100).toFixed(1)} %`;
}

/** Increments per second in a unit that suits them. */
export function rateText(perSecond: number): string {
  if (perSecond >= 1e6) return `${Number((perSecond / 1e6).toPrecision(3))} million/s`;
  return `${countText(Math.round(perSecond))}/s`;
}
