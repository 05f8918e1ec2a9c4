import { quirks, type QuirkId } from './quirks.js';

/**
 * Called where a request deviates from the standard. True: handle it as the quirk says, and note the quirk as applied
 * to this request. False: handle it as the standard says.
 */
export type UseQuirk = (quirk: QuirkId) => boolean;

/** The quirks that are on for a router. */
export type ActiveQuirks = ReadonlySet<QuirkId>;

/**
 * The quirks that `options.strict` and `options.quirks` leave on.
 *
 * @throws TypeError for an unknown id
 */
export function chooseQuirks(strict: boolean, chosen: Readonly<Record<string, boolean>> = {}): ActiveQuirks {
  const active = new Set<QuirkId>(quirks.filter((quirk) => quirk.byDefault && !strict).map((quirk) => quirk.id));
  for (const [id, on] of Object.entries(chosen)) {
    const quirk = quirks.find((each) => each.id === id);
    if (quirk === undefined) {
      throw new TypeError(
        `options.quirks has ${JSON.stringify(id)}, which is no quirk: write one of ${quirks
          .map((each) => each.id)
          .join(', ')}.`,
      );
    }
    if (on) active.add(quirk.id);
    else active.delete(quirk.id);
  }
  return active;
}
