/** What an outcome is worth: `forbidden` is a bug, `interesting` a surprise that is none. */
export const GRADES = ['acceptable', 'interesting', 'forbidden'] as const;
export type Grade = (typeof GRADES)[number];
