/** Figures made of blocks, three by five and drawn larger, that are read from the last row of a hall. */
const GLYPHS: Readonly<Record<string, readonly [string, string, string, string, string]>> = {
  '0': ['###', '# #', '# #', '# #', '###'],
  '1': [' # ', '## ', ' # ', ' # ', '###'],
  '2': ['###', '  #', '###', '#  ', '###'],
  '3': ['###', '  #', '###', '  #', '###'],
  '4': ['# #', '# #', '###', '  #', '  #'],
  '5': ['###', '#  ', '###', '  #', '###'],
  '6': ['###', '#  ', '###', '# #', '###'],
  '7': ['###', '  #', '  #', '  #', '  #'],
  '8': ['###', '# #', '###', '# #', '###'],
  '9': ['###', '# #', '###', '  #', '###'],
  '.': [' ', ' ', ' ', ' ', '#'],
  '-': ['   ', '   ', '###', '   ', '   '],
  K: ['# #', '# #', '## ', '# #', '# #'],
  M: ['#   #', '## ##', '# # #', '#   #', '#   #'],
  G: ['###', '#  ', '# #', '# #', '###'],
};

/** How many columns and lines a block is large. Two columns are about as wide as a line is high. */
export interface BlockSize {
  readonly columns: number;
  readonly lines: number;
}

/** A figure of digits, points, K, M and G as lines of blocks. */
export function bigText(text: string, { columns, lines }: BlockSize, ascii: boolean): string[] {
  const glyphs = Array.from(text, (character) => GLYPHS[character] ?? GLYPHS['-'] ?? []);
  const block = (ascii ? '#' : '█').repeat(columns);
  const space = ' '.repeat(columns);
  return [0, 1, 2, 3, 4].flatMap((row) => {
    const line = glyphs
      .map((glyph) => Array.from(glyph[row] ?? '', (pixel) => (pixel === '#' ? block : space)).join(''))
      .join(space)
      .trimEnd();
    return Array.from({ length: lines }, () => line);
  });
}

/** A count in at most four characters, cut and never rounded up: 7.6M, 16M, 764K. */
export function shortCount(count: number): string {
  if (count < 0) return `-${shortCount(-count)}`;
  const [unit, size] = count >= 1e9 ? ['G', 1e9] : count >= 1e6 ? ['M', 1e6] : count >= 10_000 ? ['K', 1e3] : ['', 1];
  const value = count / size;
  return `${size > 1 && value < 10 ? (Math.floor(value * 10) / 10).toFixed(1) : Math.floor(value)}${unit}`;
}
