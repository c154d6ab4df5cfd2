import stringWidth from 'fast-string-width';
import type { Style } from './style.ts';

/** The number of columns that a text takes on a screen: wide characters count two, colour none. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** A text of ours as a style can show it. */
export function inStyle(text: string, { ascii }: Style): string {
  return ascii ? text.replaceAll('…', '...') : text;
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

/**
 * Breaks a plain text into lines of at most a width: between words, and between characters of scripts that are written without spaces (never
 * before their punctuation). A word that is longer stays whole.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    const indent = /^ */.exec(paragraph)?.[0] ?? '';
    let line = '';
    for (const word of paragraph.trim().split(/ +/)) {
      for (const [i, piece] of pieces(word).entries()) {
        const gap = i > 0 || line === '' ? '' : ' ';
        if (line !== '' && widthOf(indent + line + gap + piece) > width) {
          lines.push(indent + line);
          line = piece;
        } else {
          line += gap + piece;
        }
      }
    }
    lines.push(indent + line);
  }
  return lines;
}

/** Where a word may be broken: on either side of a wide character. */
function pieces(word: string): string[] {
  if (widthOf(word) === word.length) return [word];
  const found: string[] = [];
  let afterWide = false;
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    const wide = widthOf(segment) > 1;
    const closes = /^[\p{Pe}\p{Pf}\p{Po}]/u.test(segment);
    if (found.length === 0 || closes || !(wide || afterWide)) found.push((found.pop() ?? '') + segment);
    else found.push(segment);
    afterWide = wide;
  }
  return found;
}
