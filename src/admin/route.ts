import type { Fields } from './fields.js';
import type { PanelError } from './panel-error.js';
import type { PanelResponse } from './panel-response.js';
import type { Visit } from './visit.js';

/** The arguments of a route. */
export interface RouteCall {
  readonly visit: Visit;
  /** Decoded segments of the path. */
  readonly parameters: readonly string[];
  readonly query: URLSearchParams;
  readonly fields: Fields;
}

export interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** True: the session of a set-up link may use it. Default false. */
  readonly setup?: boolean;
  run(call: RouteCall): Promise<PanelResponse>;
  /** Of a form: the page with the form once more, with what was entered, after a mistake in it. Default: a page with the message. */
  readonly again?: ((call: RouteCall, entered: Entered) => Promise<PanelResponse>) | undefined;
}

/** What an administrator has entered in a form, and what is wrong with it. */
export interface Entered {
  readonly fields: Fields;
  readonly error: PanelError;
}
