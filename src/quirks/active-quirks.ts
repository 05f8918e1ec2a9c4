import { quirks, type QuirkId } from './quirks.js';

/**
 * Called where a request deviates from the standard. True: handle it as the quirk says, and note the quirk as applied
 * to this request. False: handle it as the standard says.
 */
export type UseQuirk = (quirk: QuirkId) => boolean;

/** The quirks that are on for a router. */
export type ActiveQuirks = ReadonlySet<QuirkId>;

/** The quirks that are on: those that are on by default, unless `strict`, and those that `chosen` turns on or off. */
export function chooseQuirks(strict: boolean, chosen: ReadonlyMap<QuirkId, boolean> = new Map()): ActiveQuirks {
  const active = new Set<QuirkId>(quirks.filter((quirk) => quirk.byDefault && !strict).map((quirk) => quirk.id));
  for (const [id, on] of chosen) {
    if (on) active.add(id);
    else active.delete(id);
  }
  return active;
}
