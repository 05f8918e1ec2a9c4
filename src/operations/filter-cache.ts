import type { QuirkId } from '../quirks/quirks.js';
import type { RequestContext } from './request-context.js';
import type { Limits } from '../limits.js';
import { type BoundFilter, parseFilter } from '../protocol/filter/parse.js';
import type { ResourceType } from '../schema/resource-type.js';
import { BoundedMap } from '../contract/bounded-map.js';

interface Known {
  readonly filter: BoundFilter;
  readonly quirks: readonly QuirkId[];
}

/** Parsed and bound filters of one resource type: clients send the same few shapes again and again. */
export class FilterCache {
  readonly #type: ResourceType;
  readonly #limits: Limits;
  readonly #known = new BoundedMap<Known>(1_000);

  constructor(type: ResourceType, limits: Limits) {
    this.#type = type;
    this.#limits = limits;
  }

  /**
   * @param mixed true in a query over several types, where an attribute that this one lacks has no value
   * @throws InvalidFilterError
   */
  get(text: string, ctx: RequestContext, mixed = false): BoundFilter {
    const key = `${mixed ? 'mixed' : 'one'} ${ctx.base} ${text}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      const quirks = new Set<QuirkId>();
      const filter = parseFilter(text, this.#type, {
        limits: this.#limits,
        base: ctx.base,
        mixed,
        useQuirk: (quirk) => {
          const on = ctx.useQuirk(quirk);
          if (on) quirks.add(quirk);
          return on;
        },
      });
      known = { filter, quirks: [...quirks] };
      if (key.length < 2_000) this.#known.set(key, known);
    }
    for (const quirk of known.quirks) ctx.note(quirk);
    return known.filter;
  }
}
