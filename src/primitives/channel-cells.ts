/** Where the parts of a channel lie, counted from its first cell; the picture is in channel.ts. */
import { HOLDER_CELLS } from '../memory/holders.ts';
import { RING_CELLS } from './message-ring.ts';

export const PUT_LOCK = RING_CELLS;
export const GET_LOCK = RING_CELLS + 1;
export const GETTERS = RING_CELLS + 16;
export const PUTTERS = RING_CELLS + 32;
export const HOLDERS = RING_CELLS + 48;

export const CHANNEL_CELLS = HOLDERS + HOLDER_CELLS;
