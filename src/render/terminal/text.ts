import stringWidth from 'fast-string-width';

/** The number of columns that a text takes on a screen: wide characters count two, colour none. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** Cuts a plain text down to a width, with a mark where it was cut. */
export function truncate(text: string, width: number, ascii: boolean): string {
  if (widthOf(text) <= width) return text;
  const mark = ascii ? '...' : '…';
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (widthOf(kept + segment) > width - widthOf(mark)) break;
    kept += segment;
  }
  return kept + mark;
}

/** Breaks a plain text into lines of at most a width, between words; a word that is longer stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    const indent = /^ */.exec(paragraph)?.[0] ?? '';
    let line = '';
    for (const word of paragraph.trim().split(/ +/)) {
      if (line !== '' && widthOf(indent) + widthOf(line) + 1 + widthOf(word) > width) {
        lines.push(indent + line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    lines.push(indent + line);
  }
  return lines;
}
