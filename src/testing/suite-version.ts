/** The version of the package, which is that of the store test suite. A test compares it with package.json. */
export const suiteVersion = '0.1.0';
