import type { ComponentChild } from 'preact';
import type { AssetFile } from './assets/files.js';
import type { Fields } from './fields.js';
import type { LiveLog } from './stream.js';
import type { Visit } from './visit.js';

/** The result of a route. */
export type PanelResponse =
  | {
      readonly kind: 'page';
      readonly status: number;
      readonly title: string;
      readonly body: ComponentChild;
      readonly base: string;
      readonly nonce: string;
    }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'asset'; readonly asset: AssetFile }
  | { readonly kind: 'stream'; readonly live: Omit<LiveLog, 'intervalMilliseconds' | 'isAllowed'> };

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
