import { describe, expect, test } from 'vitest';
import type { ParameterSpecs } from '#src/scenario/define.js';
import { parseParameters } from '#src/scenario/parameters.js';

const SPECS = {
  processes: { default: 2, min: 1, max: 64 },
  lineLength: { default: 80 },
  ratio: { default: 0.5, min: 0, max: 1, fraction: true },
  least: { default: 3, min: 3 },
  most: { default: 3, max: 3 },
  hold: { default: 'loop', choices: ['loop', 'each'] },
  label: { default: 'x' },
  fair: { default: false },
} as const satisfies ParameterSpecs;

type Row = [flag: string, text: string, name: keyof typeof SPECS, value: unknown];

describe('what was typed', () => {
  test('is the defaults where nothing was', () => {
    expect(parseParameters('demo', SPECS, {})).toEqual(
      Object.fromEntries(Object.entries(SPECS).map(([name, spec]) => [name, spec.default])),
    );
  });

  test.each<Row>([
    ['processes', '4', 'processes', 4],
    ['processes', '1', 'processes', 1],
    ['processes', '64', 'processes', 64],
    ['line-length', '1e6', 'lineLength', 1_000_000],
    ['line-length', '1_000', 'lineLength', 1000],
    ['line-length', '-5', 'lineLength', -5],
    ['line-length', '+5', 'lineLength', 5],
    ['line-length', '2.50e1', 'lineLength', 25],
    ['ratio', '0.25', 'ratio', 0.25],
    ['ratio', '.75', 'ratio', 0.75],
    ['hold', 'each', 'hold', 'each'],
    ['label', '', 'label', ''],
    ['label', 'anything at all', 'label', 'anything at all'],
    ['fair', '', 'fair', true],
    ['fair', 'true', 'fair', true],
    ['fair', 'false', 'fair', false],
  ])('--%s %s is %s = %s', (flag, text, name, value) => {
    expect(parseParameters('demo', SPECS, { [flag]: text })[name]).toBe(value);
  });

  test.each([
    ['processes', '', '--processes takes a whole number from 1 to 64, not nothing'],
    ['processes', 'two', '--processes takes a whole number from 1 to 64, not "two"'],
    ['processes', '2.5', '--processes takes a whole number from 1 to 64, not "2.5"'],
    ['processes', '0', '--processes takes a whole number from 1 to 64; 0 is too small'],
    ['processes', '65', '--processes takes a whole number from 1 to 64; 65 is too large'],
    ['processes', '0x10', '--processes takes a whole number from 1 to 64, not "0x10"'],
    ['processes', 'Infinity', '--processes takes a whole number from 1 to 64, not "Infinity"'],
    ['processes', '1e999', '--processes takes a whole number from 1 to 64, not "1e999"'],
    ['processes', ' 4', '--processes takes a whole number from 1 to 64, not " 4"'],
    ['processes', '.', '--processes takes a whole number from 1 to 64, not "."'],
    ['line-length', '1e20', '--line-length takes a whole number, not "1e20"'],
    ['least', '2', '--least takes a whole number of at least 3; 2 is too small'],
    ['most', '4', '--most takes a whole number of at most 3; 4 is too large'],
    ['ratio', 'half', '--ratio takes a number from 0 to 1, not "half"'],
    ['ratio', '1.5', '--ratio takes a number from 0 to 1; 1.5 is too large'],
    ['hold', 'lop', '--hold takes loop or each, not "lop"'],
    ['fair', 'yes', '--fair takes true or false, not "yes"'],
    ['proceses', '4', 'unknown option --proceses'],
    ['lineLength', '4', 'unknown option --lineLength'],
    ['constructor', '4', 'unknown option --constructor'],
  ])('--%s %s is refused: %s', (flag, text, message) => {
    expect(() => parseParameters('demo', SPECS, { [flag]: text })).toThrow(
      expect.objectContaining({ code: 'ERR_IPC_BAD_PARAMETER', message }),
    );
  });

  test('that nearly is a parameter, or a choice, gets a suggestion', () => {
    const hintOf = (typed: Record<string, string>): unknown => {
      try {
        return parseParameters('demo', SPECS, typed);
      } catch (error) {
        return (error as { hint?: string }).hint;
      }
    };
    expect(hintOf({ proceses: '4' })).toMatch(/^Did you mean --processes\? demo takes --processes, --line-length, /);
    expect(hintOf({ hold: 'lop' })).toBe('Did you mean loop?');
    expect(hintOf({ hold: 'sometimes' })).toBeUndefined();
  });

  test('of a scenario without parameters is refused, saying so', () => {
    expect(() => parseParameters('demo', {}, { x: '1' })).toThrow(
      expect.objectContaining({ hint: 'demo takes no parameters.' }),
    );
  });
});
