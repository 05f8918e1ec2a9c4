import type { ComponentChild } from 'preact';
import type { AssetFile } from './assets/files.js';
import type { LiveLog } from './stream.js';

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
