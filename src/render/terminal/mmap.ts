import type { MmapReport } from '../../report/mmap.ts';
import type { Style } from './style.ts';

/** A half of the `mmap` scenario for a person: the consumer prints the text and nothing else, so that it can be piped on. */
export function renderMmap({ role, file, fileBytes, text, textBytes }: MmapReport, style: Style): string {
  if (role === 'consume') return `${text}\n`;
  const size = textBytes === 1 ? '1 byte' : `${textBytes} bytes`;
  return [
    `${style.good('written')}: a text of ${size}, into ${style.bold(file)} of ${fileBytes} bytes`,
    `${style.dim('Read it, from any terminal, with')} ${style.name(`ipc-lab mmap consume ${shellWord(file)}`)}`,
    '',
  ].join('\n');
}

function shellWord(text: string): string {
  return /^[\w./~+@%:=,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
