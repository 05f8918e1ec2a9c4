import { quirks, type QuirkId } from './quirks.js';

/**
 * Asked by the code at the moment it meets a deviation: true means tolerate it, and the ledger
 * entry is noted as applied to this request; false means treat it as the standard says.
 */
export type UseQuirk = (quirk: QuirkId) => boolean;

/** Which ledger entries are switched on for a router. */
export type ActiveQuirks = ReadonlySet<QuirkId>;

/** The quirks that are switched on: those that are on by default unless `strict`, and those that `chosen` switches. */
export function chooseQuirks(strict: boolean, chosen: ReadonlyMap<QuirkId, boolean> = new Map()): ActiveQuirks {
  const active = new Set<QuirkId>(quirks.filter((quirk) => quirk.byDefault && !strict).map((quirk) => quirk.id));
  for (const [id, on] of chosen) {
    if (on) active.add(id);
    else active.delete(id);
  }
  return active;
}
