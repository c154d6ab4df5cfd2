/**
 * What managers and their clients say to each other, as tuples through queues: requests through one queue that all clients share, replies
 * through one queue a client. A client numbers its requests and may have any number under way.
 *
 * ```
 * hello    [HELLO, client, replies]                                  once, before the first request; replies is a Queue
 * request  [client, number, object, method, …arguments]              object 0 is the manager itself
 * reply    [number, OK, value] or [number, FAILED, error]
 * ```
 */
export const HELLO = -1;
export const OK = 0;
export const FAILED = 1;

/** The manager itself, among the objects it serves. */
export const MANAGER_OBJECT = 0;

/** An error as it crosses. */
export interface FailureMessage {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly hint: string | undefined;
}
