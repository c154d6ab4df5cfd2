import type { Command } from 'commander';
import { IpcError } from '../core/errors.ts';

export interface MmapPlan {
  readonly kind: 'mmap';
  readonly role: 'produce' | 'consume';
  readonly file: string;
  /** What to write; undefined: ask for it. */
  readonly text: string | undefined;
  /** Make a fresh file of that many bytes. */
  readonly sizeBytes: number | undefined;
  /** Wait for a producer. */
  readonly wait: boolean;
  readonly json: boolean;
  readonly ascii: boolean;
}

interface MmapFlags {
  readonly text?: string;
  readonly size?: string;
  readonly wait?: boolean;
  readonly json?: boolean;
  readonly ascii?: boolean;
}

/** Adds the two halves of the `mmap` scenario, for two terminals. */
export function addMmap(program: Command, found: (planned: MmapPlan) => void): void {
  const mmap = program.command('mmap').description('a text through a file of yours');
  mmap
    .command('produce')
    .description('write a text into a memory-mapped file')
    .argument('<file>', 'the file; --size makes it')
    .option('--text <text>', 'what to write (without it: asked for, or taken from standard input)')
    .option('--size <bytes>', 'make a fresh file of that size, in the place of one with a text')
    .option('--json', 'print one JSON document')
    .option('--ascii', 'use plain characters only')
    .action((file: string, flags: MmapFlags) => {
      found({ ...halfOf(flags), role: 'produce', file });
    });
  mmap
    .command('consume')
    .description('read the text in a memory-mapped file, and print it')
    .argument('<file>', 'the file')
    .option('--wait', 'wait until a producer has written one')
    .option('--json', 'print one JSON document')
    .option('--ascii', 'use plain characters only')
    .action((file: string, flags: MmapFlags) => {
      found({ ...halfOf(flags), role: 'consume', file });
    });
}

function halfOf({ text, size, wait = false, json = false, ascii = false }: MmapFlags): Omit<MmapPlan, 'role' | 'file'> {
  return {
    kind: 'mmap',
    text,
    sizeBytes: size === undefined ? undefined : fileBytes(size),
    wait,
    json,
    ascii,
  };
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

function fileBytes(text: string): number {
  const match = /^(\d+)\s*([kmg]?)(?:i?b)?$/i.exec(text.trim());
  const bytes = match === null ? 0 : Number(match[1]) * (UNITS[(match[2] ?? '').toLowerCase()] ?? 0);
  if (bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
  throw new IpcError(
    'ERR_IPC_BAD_PARAMETER',
    `--size takes a number of bytes, as in 4096 or 64KiB, not ${JSON.stringify(text)}`,
  );
}
