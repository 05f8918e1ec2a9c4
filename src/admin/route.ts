import type { Fields } from './fields.js';
import type { PanelResponse } from './panel-response.js';
import type { Visit } from './visit.js';

/** The arguments of a route. */
interface RouteCall {
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
}
