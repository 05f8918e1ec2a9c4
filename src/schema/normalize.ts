import { atFirstUse } from '../contract/at-first-use.js';

/**
 * Normalization: text folded for comparison (RFC 7644 7.8, RFC 8265 for userName).
 *
 * Unique indexes, filters and orders all compare normalized text, so a lookup in an index and a comparison in memory
 * agree: two texts are equal when their normalized forms are equal, byte by byte.
 */

/** The characteristics of an attribute that decide how its text is normalized. */
export interface Normalizable {
  /** Path of the attribute, as in `AttributeRef`. */
  readonly path: string;
  readonly caseExact: boolean;
}

/**
 * Normalizes a text value of an attribute: the form that `Creation.keys`, `Change.keys` and the strings in a filter
 * hold. A store that compares text in memory, or keeps a unique index of its own, normalizes the stored value with it.
 *
 * The result is NFC. If the attribute is not `caseExact`, letter case is folded too: "Straße" and "STRASSE" give
 * "strasse". `userName` follows RFC 8265 instead, which also ignores Unicode width and keeps ß and ss apart.
 * Normalizing twice gives the same text. Numbers and booleans are compared as they are, and dates as instants: they
 * have no normalized form.
 *
 * @param attribute the attribute; an `AttributeRef` of a filter or a sort key fits
 * @param value the text as stored or as sent
 * @returns the normalized text
 *
 * @example
 * import { normalize } from 'express-scim/stores';
 *
 * const userName = { path: 'userName', caseExact: false };
 * const title = { path: 'title', caseExact: false };
 *
 * normalize(userName, 'Tove@Example.com'); // 'tove@example.com'
 * normalize(title, 'MÜLLER'); // 'müller'
 */
export function normalize(attribute: Normalizable, value: string): string {
  return attribute.path === 'userName' && !attribute.caseExact
    ? normalizeUserName(value)
    : normalizeText(value, attribute.caseExact);
}

/** Which of the three normalizations counts for an attribute: texts that share it have the same normalized form. */
export function normalizationOf({ path, caseExact }: Normalizable): 0 | 1 | 2 {
  if (caseExact) return 0;
  return path === 'userName' ? 2 : 1;
}

/**
 * Text in NFC, with letter case folded unless `caseExact` is true.
 *
 * It is Unicode's full case folding, derived from the case mappings that every JavaScript engine has: "Straße" equals
 * "STRASSE", and the dotless ı differs from i.
 */
export function normalizeText(text: string, caseExact: boolean): string {
  if (isAscii(text)) return caseExact ? text : text.toLowerCase();
  return caseExact ? text.normalize('NFC') : fold(text.normalize('NFD')).normalize('NFC');
}

/**
 * A normalized user name: the mappings of UsernameCaseMapped (RFC 8265 3.3.1), which are width, lower case and NFC.
 *
 * Unlike `normalizeText` it keeps ß and ss apart (RFC 8265 3.5). `userNameProblem` decides whether a name is allowed.
 */
export function normalizeUserName(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  // The lower case of this letter alone depends on the letters around it, which must not decide what equals what.
  const mapped = mapWidths(text).replaceAll('\u03a3', '\u03c3').toLowerCase();
  return mapped.normalize('NFC');
}

const zone = /(?:Z|[+-]\d\d:\d\d)$/;

/**
 * A date as milliseconds since 1970, finer fractions cut off; undefined for anything else.
 *
 * A timestamp without a zone, which xsd:dateTime allows, counts as UTC on every machine.
 */
export function instantOf(value: unknown): number | undefined {
  let time = Number.NaN;
  if (value instanceof Date) time = value.getTime();
  else if (typeof value === 'string') time = Date.parse(zone.test(value) ? value : `${value}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** Characters that make two names look alike, or hide what a name says. */
const deceptive = atFirstUse((): readonly (readonly [RegExp, string])[] => [
  [/\p{Surrogate}/u, 'holds half a surrogate pair'],
  [/[\p{Cc}\p{Zl}\p{Zp}]/u, 'holds a control character'],
  [/\p{Bidi_Control}/u, 'holds a character that changes the direction of writing'],
  [/\p{Default_Ignorable_Code_Point}/u, 'holds an invisible character'],
]);

/** Nearly every name; these need no check of Unicode properties. */
const plain = /^[\x20-\x7e]*$/;

/**
 * Why a user name is refused, as the rest of a sentence; undefined where it is allowed.
 *
 * @param strict enforces all of UsernameCaseMapped (RFC 8265 3.3: no spaces, symbols, compatibility characters);
 *   otherwise only deceptive characters are refused
 */
export function userNameProblem(text: string, strict = false): string | undefined {
  if (text.trim() === '') return 'is empty';
  // Databases that pad texts, and clients that cut them off, would take the name for another one.
  if (text.trim() !== text) return 'starts or ends with white space';
  if (!strict && plain.test(text)) return undefined;
  for (const [pattern, problem] of deceptive()) if (pattern.test(text)) return problem;
  return strict ? identifierProblem(normalizeUserName(text)) : undefined;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

function fold(text: string): string {
  // The upper case of ı is I, but it folds to itself: names that differ in it are two names.
  return text.includes('ı') ? text.split('ı').map(foldCase).join('ı') : foldCase(text);
}

// Three passes over the whole text take a tenth of the time of three for each letter. Only ς, the lower case of a Σ at
// the end of a word, depends on the letters around it.
function foldCase(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}

const widthForm = /[\u3000\uff01-\uffee]/;
const firstWidthForm = 0xff01;
const lastWidthForm = 0xffee;

/** The regular forms of U+FF01 to U+FFEE, made at the first use. Each is one code unit. */
let regularForms: Uint16Array | undefined;

// By code unit: a call for each letter would take 50 times as long.
function mapWidths(text: string): string {
  if (!widthForm.test(text)) return text;
  regularForms ??= Uint16Array.from({ length: lastWidthForm - firstWidthForm + 1 }, (_, i) =>
    mapWidth(String.fromCharCode(firstWidthForm + i)).charCodeAt(0),
  );
  const units = Buffer.from(text, 'utf16le');
  for (let i = 0; i < units.length; i += 2) {
    const code = units.readUInt16LE(i);
    if (code === 0x3000) units.writeUInt16LE(0x20, i);
    else if (code >= firstWidthForm && code <= lastWidthForm) {
      units.writeUInt16LE(regularForms[code - firstWidthForm] ?? code, i);
    }
  }
  return units.toString('utf16le');
}

/** Runs of halfwidth Hangul letters: the last of the run, and the distance to the regular letters. */
const hangul = [
  [0xffbe, 0xffa1 - 0x3131],
  [0xffc7, 0xffc2 - 0x314f],
  [0xffcf, 0xffca - 0x3155],
  [0xffd7, 0xffd2 - 0x315b],
  [0xffdc, 0xffda - 0x3161],
] as const;

// UAX 11: fullwidth and halfwidth forms, and nothing else of NFKC. Where NFKC would map the result again, it is listed.
function mapWidth(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0xff01 || code > 0xffee) return character;
  if (code === 0xffe3) return '\u00af';
  if (code === 0xffa0) return '\u3164';
  if (code > 0xffa0) {
    for (const [last, distance] of hangul) if (code <= last) return String.fromCharCode(code - distance);
  }
  return character.normalize('NFKC');
}

// RFC 8264 4.2: ASCII7 and LetterDigits, except characters with a compatibility mapping and old Hangul.
const identifierCharacter = /^[\x21-\x7e\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}\u06fd\u06fe\u0f0b\u3007]$/u;
const disallowed = /^[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]$/;

function identifierProblem(name: string): string | undefined {
  if (name === '') return 'is empty';
  const characters = [...name];
  const withKana = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(name);
  const allowed = characters.every((character, i) => {
    const inContext = contextRules.get(character);
    if (inContext !== undefined) return inContext(characters[i - 1] ?? '', characters[i + 1] ?? '', withKana);
    return (
      identifierCharacter.test(character) && !disallowed.test(character) && character.normalize('NFKC') === character
    );
  });
  if (!allowed) return 'holds a space or symbol that RFC 8265 does not allow in names';
  // RFC 5892 A.8 and A.9.
  if (/[\u0660-\u0669]/.test(name) && /[\u06f0-\u06f9]/.test(name)) return 'mixes two kinds of Arabic digits';
  return bidi().rightToLeft.test(name) && !followsBidiRule(name) ? 'mixes directions of writing' : undefined;
}

/** RFC 5892 A: characters that are allowed only next to certain others. */
const contextRules: ReadonlyMap<string, (before: string, after: string, withKana: boolean) => boolean> = new Map([
  ['\u00b7', (before: string, after: string) => before === 'l' && after === 'l'],
  ['\u0375', (_before: string, after: string) => /\p{Script=Greek}/u.test(after)],
  ['\u05f3', (before: string) => /\p{Script=Hebrew}/u.test(before)],
  ['\u05f4', (before: string) => /\p{Script=Hebrew}/u.test(before)],
  ['\u30fb', (_before: string, _after: string, withKana: boolean) => withKana],
]);

// Regular expressions cannot test bidi classes; the scripts written from right to left come close.
const rtl = String.raw`\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}`;
const bidi = atFirstUse(() => ({
  rightToLeft: new RegExp(`[${rtl}]`, 'u'),
  startsRightToLeft: new RegExp(`^(?=\\p{L})[${rtl}]`, 'u'),
  endOfRightToLeft: new RegExp(`(?=[\\p{L}\\u05f3\\u05f4])[${rtl}]|\\p{Nd}`, 'u'),
  mark: /^\p{Mn}$/u,
  leftToRightLetter: new RegExp(`(?![${rtl}])\\p{L}`, 'u'),
}));

/** RFC 5893 2, rules 1 to 4. Rule 5 is broken by right-to-left characters in a name that starts from left to right. */
function followsBidiRule(name: string): boolean {
  const { startsRightToLeft, endOfRightToLeft, mark, leftToRightLetter } = bidi();
  return (
    startsRightToLeft.test(name) &&
    endOfRightToLeft.test([...name].findLast((character) => !mark.test(character)) ?? '') &&
    !leftToRightLetter.test(name) &&
    !(/[0-9\u06f0-\u06f9]/.test(name) && /[\u0660-\u0669]/.test(name))
  );
}
