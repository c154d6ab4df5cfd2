/** The descriptors that every process of a lab is started with, beside the three standard ones. */
export const MEMORY_DESCRIPTOR = 3;
/** A byte written here makes the supervisor look at the slot table. */
export const DOORBELL_DESCRIPTOR = 4;
