/** Where the parts of a channel lie, counted from its first cell; the picture is in channel.ts. */
import { RING_CELLS } from './message-ring.ts';

export const PUT_LOCK = RING_CELLS;
export const GET_LOCK = RING_CELLS + 1;
export const SHUT = RING_CELLS + 2;
export const GETTERS = RING_CELLS + 16;
export const PUTTERS = RING_CELLS + 32;

export const CHANNEL_CELLS = RING_CELLS + 48;
