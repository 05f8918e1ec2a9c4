// Runs and counts the checks.
let passed = 0;
const failures = [];

/** One check: `run` throws when it fails. @returns whether it passed */
export async function check(title, run) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1_000).toFixed(1)} s`;
  try {
    await run();
    passed += 1;
    console.log(`ok      ${title} (${seconds()})`);
    return true;
  } catch (error) {
    failures.push(title);
    console.log(`FAILED  ${title} (${seconds()})\n${error instanceof Error ? error.stack : error}`);
    return false;
  }
}

/** Throws unless two values are the same. */
export function same(actual, expected, what) {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: ${left} instead of ${right}`);
}

export const summary = () => ({ passed, failed: failures.length });
