/** The scenarios that come with ipc-lab: a folder per topic, a file per scenario, named as the scenario is. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { IpcError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';

const FOLDER = fileURLToPath(new URL('../../scenarios/', import.meta.url));

export interface CatalogueEntry {
  readonly name: string;
  readonly topic: string;
  readonly url: string;
}

/** All scenarios that come with ipc-lab, by topic and name. */
export function catalogue(): CatalogueEntry[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: topic }) =>
      readdirSync(path.join(FOLDER, topic))
        .filter((file) => file.endsWith('.js'))
        .map((file) => ({
          name: path.basename(file, '.js'),
          topic,
          url: pathToFileURL(path.join(FOLDER, topic, file)).href,
        })),
    )
    .toSorted((a, b) => a.topic.localeCompare(b.topic) || a.name.localeCompare(b.name));
}

/**
 * The URL of what was typed after `run`: the name of a scenario that comes with ipc-lab, or the path of a JavaScript file.
 * @throws IpcError `ERR_IPC_NO_SUCH_SCENARIO`
 */
export function locateScenario(typed: string): string {
  if (/[/\\]|\.\w+$/.test(typed)) return locateFile(typed);
  const entries = catalogue();
  const found = entries.find(({ name }) => name === typed);
  if (found !== undefined) return found.url;
  const meant = nearest(
    typed,
    entries.map(({ name }) => name),
  );
  throw new IpcError('ERR_IPC_NO_SUCH_SCENARIO', `there is no scenario named ${JSON.stringify(typed)}`, {
    hint: `${meant === undefined ? '' : `Did you mean ${meant}? `}"ipc-lab list" shows them all; a file of your own is given as a path, as in ./${typed}.js`,
  });
}

function locateFile(typed: string): string {
  const file = path.resolve(typed);
  if (!existsSync(file))
    throw new IpcError('ERR_IPC_NO_SUCH_SCENARIO', `there is no file ${file}`, {
      hint: 'Check the path; it starts from the current folder.',
    });
  if (/\.[cm]?tsx?$/.test(file)) {
    throw new IpcError('ERR_IPC_NO_SUCH_SCENARIO', `${file} is TypeScript, which ipc-lab cannot run yet`, {
      hint: 'Compile it to JavaScript and run that.',
    });
  }
  if (!/\.[cm]?js$/.test(file)) {
    throw new IpcError('ERR_IPC_NO_SUCH_SCENARIO', `${file} is not a JavaScript file`, {
      hint: 'A scenario is a module whose name ends in .js or .mjs.',
    });
  }
  return pathToFileURL(file).href;
}
