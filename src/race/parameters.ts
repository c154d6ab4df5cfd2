/** What can be set about a race. Apart from the race, so that reading a command line loads little. */

/** What the counter holds at most: it is a RawValue of type `i`. */
export const LARGEST_COUNT = 2 ** 31 - 1;

export const RACE_PARAMETERS = {
  processes: { default: 2, min: 1, max: 64, about: 'how many race' },
  iterations: {
    default: 0,
    min: 1,
    max: LARGEST_COUNT,
    about: 'increments of each process in a trial; by default about a second of them',
  },
  trials: { default: 1, min: 1, max: 1000, about: 'how often they race' },
} as const;
