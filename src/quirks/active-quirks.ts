import { quirks, type QuirkId } from './quirks.js';

/**
 * Asked by the code at the moment it meets a deviation: true means tolerate it, and the ledger
 * entry is noted as applied to this request; false means treat it as the standard says.
 */
export type UseQuirk = (quirk: QuirkId) => boolean;

/** Which ledger entries are switched on for a router. */
export type ActiveQuirks = ReadonlySet<QuirkId>;

/**
 * The entries that `options.strict` and `options.compat` leave switched on.
 *
 * @throws TypeError for an id that the ledger does not have
 */
export function chooseQuirks(strict: boolean, chosen: Readonly<Record<string, boolean>> = {}): ActiveQuirks {
  const active = new Set<QuirkId>(quirks.filter((quirk) => quirk.byDefault && !strict).map((quirk) => quirk.id));
  for (const [id, on] of Object.entries(chosen)) {
    const quirk = quirks.find((entry) => entry.id === id);
    if (quirk === undefined) {
      throw new TypeError(
        `options.compat names ${JSON.stringify(id)}, which the quirk ledger does not have: write one of ${quirks
          .map((entry) => entry.id)
          .join(', ')}.`,
      );
    }
    if (on) active.add(quirk.id);
    else active.delete(quirk.id);
  }
  return active;
}
