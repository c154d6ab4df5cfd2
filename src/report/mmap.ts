import type { REPORT_VERSION } from './run.ts';

/** The document that `mmap produce` and `mmap consume` produce. */
export interface MmapReport {
  readonly version: typeof REPORT_VERSION;
  readonly kind: 'mmap';
  readonly role: 'produce' | 'consume';
  /** Path of the file, from the root on. */
  readonly file: string;
  readonly fileBytes: number;
  /** What was written or read. */
  readonly text: string;
  readonly textBytes: number;
  /** From the opening of the file on; with `--wait`, from the beginning of the wait. */
  readonly wallMs: number;
}
