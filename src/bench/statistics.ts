/** What can be said of a handful of samples. Nothing is left out: a slow sample was slow for somebody. */

export interface Summary {
  readonly samples: number;
  readonly min: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Sums up at least one sample. */
export function summarize(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  return {
    samples: sorted.length,
    min: quantile(sorted, 0),
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    max: quantile(sorted, 1),
  };
}

/**
 * The value below which a share of the samples lies, between neighbours in proportion, except that above the median it is never less than
 * the nearest rank: so the p99 of seven samples is the worst of them and not a number that nobody measured.
 * @param sorted ascending, not empty
 */
export function quantile(sorted: readonly number[], share: number): number {
  const last = sorted.length - 1;
  const at = share * last;
  const below = Math.floor(at);
  const low = sorted[below] as number;
  const high = sorted[Math.min(last, below + 1)] as number;
  if (share > 0.5) return at > below ? high : low;
  return low + (high - low) * (at - below);
}

/** How far the middle half of the samples spreads, as a share of the median: the noise, without the luck of the extremes. */
export function spread(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const width = middle(sorted, 0.75) - middle(sorted, 0.25);
  return width === 0 ? 0 : width / Math.abs(quantile(sorted, 0.5));
}

function middle(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] as number;
  return low + ((sorted[Math.ceil(at)] as number) - low) * (at - Math.floor(at));
}
