/**
 * Options of a store test suite whose store is correct: on a busy machine a case may take minutes. A case that hangs
 * fails all the same, before the limit of Jest (ten minutes, jest.config.js).
 */
export const patient = { timeoutMilliseconds: 590_000 } as const;

/**
 * Options of an HTTP server of a test. By default Node closes an idle connection after five seconds, and a process that
 * stood still for so long may send its next request on it.
 */
export const patientServer = { keepAliveTimeout: 600_000 } as const;
