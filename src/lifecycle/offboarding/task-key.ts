/** Makes texts that sort as they were made: by time, and those of one store never equal. */
export function places(): () => string {
  let last = 0;
  return () => {
    // Several in one millisecond, or a clock that is set back, take the next ones.
    last = Math.max(last + 1, Date.now() * 1_000);
    return String(last).padStart(17, '0');
  };
}
