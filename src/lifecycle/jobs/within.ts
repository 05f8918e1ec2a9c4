/**
 * Waits for work, but not longer than a time limit. The work itself goes on.
 *
 * @param expired makes the error that the promise rejects with when the time is over
 */
export async function within<T>(work: Promise<T>, milliseconds: number, expired: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(expired()), milliseconds).unref();
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
