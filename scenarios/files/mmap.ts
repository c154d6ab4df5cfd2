/**
 * A file mapped into memory is memory that two processes share and that has an end, a place on the disk and a life of its own: what the
 * producer stores there is there for the consumer, who starts when the producer is gone. The file has no name in any folder, so
 * that nothing is left to clean up; `ipc-lab mmap produce` and `ipc-lab mmap consume` do the same with a file of yours, in two terminals.
 */
import { type MappedFile, type RawArray, scenario } from 'ipc-lab';

export default scenario({
  name: 'mmap',
  title: 'A text from one process to another through a memory-mapped file',
  teaches: ['MappedFile', 'mmap', 'Process'],
  params: {
    text: {
      default: 'Hello from the producer · 生产者你好 · 👋',
      ask: 'Text to write',
      about: 'what the producer writes; asked for, or taken from standard input, when it is not given',
    },
    size: { default: 4096, min: 1, max: 2 ** 30, about: 'bytes of the file' },
  },
  run(lab, { text, size }) {
    const file = lab.temporaryFile(size, { name: 'file' });
    const received = lab.rawArray('B', new TextEncoder().encode(text).length, { name: 'received' });
    lab.join(lab.start(produce, file, text));
    lab.join(lab.start(consume, file, received));
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(received.view());
  },
  expect: ({ text }) => text,
});

/** Runs in the producer. */
export function produce(file: MappedFile, text: string): void {
  file.writeText(text);
}

/** Runs in the consumer, which has never seen the text: it comes from the file. */
export function consume(file: MappedFile, received: RawArray<'B'>): void {
  const text = file.readText();
  if (text === undefined) throw new Error('there is no text in the file');
  console.log(text);
  received.assign(new TextEncoder().encode(text));
}
