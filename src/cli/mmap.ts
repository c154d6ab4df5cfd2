/**
 * Carries out `ipc-lab mmap produce` and `ipc-lab mmap consume`: two processes that know of each other only by the name of a file, and need no
 * lab.
 */
import { realpathSync, renameSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, IpcError, isIpcError } from '../core/errors.ts';
import { FileRegion } from '../memory/file-region.ts';
import { currentPlatform } from '../platform/current.ts';
import type { Platform } from '../platform/platform.ts';
import { encodeText, readText, refuseForeign, refuseTooLong, writeText } from '../primitives/file-text.ts';
import { renderMmap } from '../render/terminal/mmap.ts';
import type { MmapReport } from '../report/mmap.ts';
import { REPORT_VERSION } from '../report/run.ts';
import { answerTo } from './answers.ts';
import type { BrokenPipe } from './broken-pipe.ts';
import { Interruption } from './interruption.ts';
import { type Io, mayDraw, styleFor } from './io.ts';
import type { MmapPlan } from './mmap-plan.ts';
import { Progress } from './progress.ts';
import { interrupted } from './supervise.ts';

/** How often a consumer looks who waits. A store into mapped memory wakes nobody. */
const LOOK_EVERY_MS = 10;

/** What a file may lack until its producer comes. */
const NOT_YET: ReadonlySet<ErrorCode> = new Set(['ERR_IPC_FILE_NOT_FOUND', 'ERR_IPC_FILE_EMPTY', 'ERR_IPC_NO_TEXT']);

const WAIT_HINT = 'Write one with "ipc-lab mmap produce", before or, with --wait, afterwards.';

export async function mmap(planned: MmapPlan, io: Io, brokenPipe: BrokenPipe): Promise<number> {
  const interruption = new Interruption(io, brokenPipe);
  try {
    const half = planned.role === 'produce' ? produce : consume;
    const report = await half(planned, io, interruption);
    io.stdout.write(
      planned.json ? `${JSON.stringify(report)}\n` : renderMmap(report, styleFor(io.stdout, io.env, planned.ascii)),
    );
    return interruption.exitCode ?? 0;
  } catch (error) {
    if (interruption.exitCode === undefined || !isIpcError(error, 'ERR_IPC_ABORTED')) throw error;
    return interrupted(interruption.exitCode, planned.json, io, 'interrupted');
  } finally {
    interruption.dispose();
  }
}

async function produce(planned: MmapPlan, io: Io, interruption: Interruption): Promise<MmapReport> {
  const platform = currentPlatform();
  // Before anybody is asked for a text, it should be clear that there is a place for it.
  if (planned.sizeBytes === undefined) FileRegion.open(platform, planned.file).close();
  const text = planned.text ?? (await answerTo('Text to write', io, interruption, { json: planned.json }));
  if (text === undefined) {
    throw new IpcError('ERR_IPC_USAGE', 'there is no text to write', {
      hint: 'Give it with --text, or on standard input.',
    });
  }
  const started = performance.now();
  using file =
    planned.sizeBytes === undefined
      ? FileRegion.open(platform, planned.file)
      : freshFile(platform, planned.file, planned.sizeBytes, text);
  writeText(file, text);
  file.flush();
  return report('produce', file, text, started);
}

async function consume(planned: MmapPlan, io: Io, { signal }: Interruption): Promise<MmapReport> {
  const platform = currentPlatform();
  const started = performance.now();
  const progress = new Progress(io.stderr, mayDraw(io.stderr, io.env, planned.ascii) && !planned.json);
  progress.start(`waiting for somebody to write into ${planned.file}`);
  try {
    for (;;) {
      try {
        // Opened anew each time: a producer that makes a fresh file puts another one in its place.
        using file = FileRegion.open(platform, planned.file);
        return report('consume', file, textIn(file), started);
      } catch (error) {
        if (!isIpcError(error) || !NOT_YET.has(error.code)) throw error;
        if (!planned.wait) throw new IpcError(error.code, error.message, { hint: WAIT_HINT, cause: error });
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch((error: unknown) => {
        throw new IpcError('ERR_IPC_ABORTED', 'interrupted before there was a text', { cause: error });
      });
    }
  } finally {
    progress.stop();
  }
}

/** Makes a file of zeroes, in the place of one that holds a text or nothing. */
function freshFile(platform: Platform, file: string, sizeBytes: number, text: string): FileRegion {
  refuseTooLong(encodeText(text).length, sizeBytes, file);
  const place = existingPlace(file);
  if (place === undefined) return FileRegion.create(platform, file, sizeBytes);
  try {
    using existing = FileRegion.open(platform, place);
    refuseForeign(existing);
  } catch (error) {
    if (!isIpcError(error, 'ERR_IPC_FILE_EMPTY')) throw error;
  }
  // Made beside it and then put in its place: where there is no room for the new one, the old one stays.
  const beside = `${place}.${process.pid}.new`;
  const made = FileRegion.create(platform, beside, sizeBytes);
  try {
    renameSync(beside, place);
  } catch (error) {
    made.close();
    unlinkSync(beside);
    throw error;
  }
  made.close();
  return FileRegion.open(platform, place);
}

/** Where a file is that is there already, behind its symbolic links. */
function existingPlace(file: string): string | undefined {
  try {
    return realpathSync(path.resolve(file));
  } catch {
    return undefined;
  }
}

function textIn(file: FileRegion): string {
  const text = readText(file);
  if (text !== undefined) return text;
  throw new IpcError('ERR_IPC_NO_TEXT', `there is no text in ${file.label} yet, or not the whole of it`);
}

function report(role: MmapReport['role'], file: FileRegion, text: string, started: number): MmapReport {
  return {
    version: REPORT_VERSION,
    kind: 'mmap',
    role,
    file: file.path,
    fileBytes: file.length,
    text,
    textBytes: Buffer.byteLength(text),
    wallMs: performance.now() - started,
  };
}
