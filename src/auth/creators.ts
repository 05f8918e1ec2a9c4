/** Functions that create an authenticator, each with how it is called. */
const calls = new WeakMap<object, string>();

/**
 * Notes a function that creates an authenticator, so that the router can name it when it is passed without being called.
 * A function is noted and not its name: the app's own function may have the same one.
 *
 * @param call as in an app: `connectorKeys(...)`
 */
export function noteCreator(creator: (...args: never) => unknown, call: string): void {
  calls.set(creator, call);
}

/** How a function is called that creates an authenticator; undefined for any other. */
export function callOfCreator(candidate: object): string | undefined {
  return calls.get(candidate);
}
