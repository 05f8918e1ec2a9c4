/** Makes texts that sort in the order in which they were made: by time, and strictly within one store. */
export function sequence(): () => string {
  let last = 0;
  return () => {
    // Several in one millisecond, or after the clock was set back: continue counting from the last one.
    last = Math.max(last + 1, Date.now() * 1_000);
    return String(last).padStart(17, '0');
  };
}
