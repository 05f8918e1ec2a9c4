/**
 * Where the documentation is: a URL, or a folder. By default the pages inside the installed package
 * (`node_modules/express-scim/docs`). Whoever publishes the pages writes their URL here, without a trailing slash.
 */
const baseAddress: string = 'express-scim/docs';

/** The address of a page of the documentation, for error messages: `documentationPage('options.md#limits')`. */
export function documentationPage(path: string): string {
  return `${baseAddress}/${path}`;
}
