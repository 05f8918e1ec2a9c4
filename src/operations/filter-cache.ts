import { BoundedMap } from '../contract/bounded-map.js';
import { SeenTexts } from '../contract/seen-texts.js';
import type { Limits } from '../limits.js';
import type { Endpoints } from '../protocol/filter/derived.js';
import { type BoundFilter, parseFilter } from '../protocol/filter/parse.js';
import type { QuirkId } from '../quirks/quirks.js';
import type { ResourceType } from '../schema/resource-type.js';
import type { RequestContext } from './request-context.js';

interface ParsedFilter {
  readonly filter: BoundFilter;
  /** Quirks that the text needed: each use of the filter notes them. */
  readonly quirks: readonly QuirkId[];
}

/** Longer texts are parsed each time, so that the memory of the cache is bounded. */
const longestKey = 2_000;

/** Caches parsed and bound filters of one resource type that clients repeat. */
export class FilterCache {
  readonly #type: ResourceType;
  readonly #limits: Limits;
  readonly #endpoints: Endpoints;
  readonly #parsed = new BoundedMap<ParsedFilter>(1_000);
  readonly #seen = new SeenTexts();

  /** @param endpoints of all served types */
  constructor(type: ResourceType, limits: Limits, endpoints: Endpoints) {
    this.#type = type;
    this.#limits = limits;
    this.#endpoints = endpoints;
  }

  /**
   * @param mixed true in a query over several types, where an attribute that this type lacks has no value
   * @throws InvalidFilterError
   */
  get(text: string, ctx: RequestContext, mixed = false): BoundFilter {
    const key = `${mixed ? 'mixed' : 'one'} ${ctx.base} ${text}`;
    let parsed = this.#parsed.get(key);
    if (parsed === undefined) {
      parsed = this.#parse(text, ctx, mixed);
      if (key.length < longestKey && this.#seen.see(key)) this.#parsed.set(key, parsed);
    }
    for (const quirk of parsed.quirks) ctx.note(quirk);
    return parsed.filter;
  }

  #parse(text: string, ctx: RequestContext, mixed: boolean): ParsedFilter {
    const quirks = new Set<QuirkId>();
    const filter = parseFilter(text, this.#type, {
      limits: this.#limits,
      base: ctx.base,
      endpoints: this.#endpoints,
      mixed,
      useQuirk: (quirk) => {
        const on = ctx.useQuirk(quirk);
        if (on) quirks.add(quirk);
        return on;
      },
    });
    return { filter, quirks: [...quirks] };
  }
}
