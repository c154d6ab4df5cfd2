import { IpcError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';
import type { ParameterSpec, ParameterSpecs } from './define.ts';
import type { Question } from './outcome.ts';

/**
 * Turns what was typed (`--processes 4`, `--increments 1e6`) into the values of a scenario's parameters; what was not typed gets its default.
 * A parameter `lineLength` is typed `--line-length`.
 * @throws IpcError `ERR_IPC_BAD_PARAMETER`
 */
export function parseParameters(
  scenario: string,
  specs: ParameterSpecs,
  typed: Readonly<Record<string, string>>,
): Record<string, number | string | boolean> {
  const values: Record<string, number | string | boolean> = {};
  for (const [name, spec] of Object.entries(specs)) values[name] = spec.default;
  const byFlag = new Map(Object.keys(specs).map((name) => [flagOf(name), name]));
  for (const [flag, text] of Object.entries(typed)) {
    const name = byFlag.get(flag);
    const spec = name === undefined ? undefined : specs[name];
    if (name === undefined || spec === undefined) throw unknownParameter(scenario, flag, [...byFlag.keys()]);
    values[name] = parseValue(flag, spec, text);
  }
  return values;
}

/** What is worth asking for: parameters with the words for it that were not given. */
export function questionsFor(specs: ParameterSpecs, typed: Readonly<Record<string, string>>): Question[] {
  return Object.entries(specs).flatMap(([name, spec]) =>
    'ask' in spec && spec.ask !== undefined && !Object.hasOwn(typed, flagOf(name))
      ? [{ flag: flagOf(name), text: spec.ask }]
      : [],
  );
}

/** How a parameter is typed: `lineLength` as `line-length`. */
function flagOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function unknownParameter(scenario: string, flag: string, known: readonly string[]): IpcError {
  const meant = nearest(flag, known);
  const list =
    known.length === 0
      ? `${scenario} takes no parameters.`
      : `${scenario} takes ${known.map((each) => `--${each}`).join(', ')}.`;
  return new IpcError('ERR_IPC_BAD_PARAMETER', `unknown option --${flag}`, {
    hint: meant === undefined ? list : `Did you mean --${meant}? ${list}`,
  });
}

function parseValue(flag: string, spec: ParameterSpec, text: string): number | string | boolean {
  switch (typeof spec.default) {
    case 'number':
      return parseNumber(flag, spec as Extract<ParameterSpec, { default: number }>, text);
    case 'boolean':
      if (text === '' || text === 'true') return true;
      if (text === 'false') return false;
      throw new IpcError('ERR_IPC_BAD_PARAMETER', `--${flag} takes true or false, not ${JSON.stringify(text)}`);
    default: {
      const { choices } = spec as Extract<ParameterSpec, { default: string }>;
      if (choices === undefined || choices.includes(text)) return text;
      const meant = nearest(text, choices);
      throw new IpcError(
        'ERR_IPC_BAD_PARAMETER',
        `--${flag} takes ${choices.join(' or ')}, not ${JSON.stringify(text)}`,
        {
          hint: meant === undefined ? undefined : `Did you mean ${meant}?`,
        },
      );
    }
  }
}

function parseNumber(
  flag: string,
  { min, max, fraction = false }: Extract<ParameterSpec, { default: number }>,
  text: string,
): number {
  const value =
    /^[+-]?(\d[\d_]*)?(\.\d+)?(e[+-]?\d+)?$/i.test(text) && /\d/.test(text)
      ? Number(text.replaceAll('_', ''))
      : Number.NaN;
  const wanted = `${fraction ? 'a number' : 'a whole number'}${rangeText(min, max)}`;
  if (!Number.isFinite(value) || (!fraction && !Number.isSafeInteger(value))) {
    throw new IpcError(
      'ERR_IPC_BAD_PARAMETER',
      `--${flag} takes ${wanted}, not ${text === '' ? 'nothing' : JSON.stringify(text)}`,
    );
  }
  if (value < (min ?? -Infinity) || value > (max ?? Infinity)) {
    throw new IpcError(
      'ERR_IPC_BAD_PARAMETER',
      `--${flag} takes ${wanted}; ${text} is too ${value < (min ?? -Infinity) ? 'small' : 'large'}`,
    );
  }
  return value;
}

function rangeText(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}
