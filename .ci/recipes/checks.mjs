// Runs and counts the checks.
let passed = 0;
let failed = 0;

/** One check: `run` throws when it fails. */
export async function check(title, run) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1_000).toFixed(1)} s`;
  try {
    await run();
    passed += 1;
    console.log(`ok      ${title} (${seconds()})`);
  } catch (error) {
    fail(`${title} (${seconds()})`, error);
  }
}

export function fail(title, error) {
  failed += 1;
  console.log(`FAILED  ${title}\n${error instanceof Error ? error.stack : error}`);
}

/** Throws unless two values are the same. */
export function same(actual, expected, what) {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: ${left} instead of ${right}`);
}

export const summary = () => ({ passed, failed });
