import { ledger, type QuirkId } from './quirks.js';

/**
 * Asked by the code at the moment it meets a deviation: true means tolerate it, and the ledger
 * entry is noted as applied to this request; false means treat it as the standard says.
 */
export type Tolerate = (quirk: QuirkId) => boolean;

/** Which ledger entries are switched on for a router. */
export type Tolerances = ReadonlySet<QuirkId>;

/**
 * The entries that `options.strict` and `options.compat` leave switched on.
 *
 * @throws TypeError for an id that the ledger does not have
 */
export function chooseTolerances(strict: boolean, compat: Readonly<Record<string, boolean>> = {}): Tolerances {
  const chosen = new Set<QuirkId>(ledger.filter((quirk) => quirk.byDefault && !strict).map((quirk) => quirk.id));
  for (const [id, on] of Object.entries(compat)) {
    const quirk = ledger.find((entry) => entry.id === id);
    if (quirk === undefined) {
      throw new TypeError(
        `options.compat names ${JSON.stringify(id)}, which the quirk ledger does not have: write one of ${ledger
          .map((entry) => entry.id)
          .join(', ')}.`,
      );
    }
    if (on) chosen.add(quirk.id);
    else chosen.delete(quirk.id);
  }
  return chosen;
}
