/** What an outcome is worth: `forbidden` is a bug, `interesting` a surprise that is none. */
export type Grade = 'acceptable' | 'interesting' | 'forbidden';
