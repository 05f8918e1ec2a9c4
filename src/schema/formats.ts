/** Formats of RFC 7643 2.3 that differ from those of JSON Schema. Each check takes linear time. */

const dateTime = /^(-?\d{4,9})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,30})?(?:Z|([+-])(\d\d):(\d\d))?$/;

/** Whether text is an xsd:dateTime (RFC 7643 2.3.5): date and time, with or without a zone. */
export function isDateTime(text: string): boolean {
  if (text.length > 64) return false;
  const parts = dateTime.exec(text);
  if (parts === null) return false;
  const [, year, month, day, hour, minute, second, , zoneHour, zoneMinute] = parts.map(Number);
  if (month === undefined || day === undefined || month < 1 || month > 12 || day < 1) return false;
  if (day > new Date(Date.UTC(((Number(year) % 400) + 400) % 400 || 400, month, 0)).getUTCDate()) return false;
  if (parts[7] !== undefined && (Number(zoneHour) > 14 || Number(zoneMinute) > 59)) return false;
  // xsd:dateTime allows 24:00:00 for the end of a day.
  if (hour === 24) return minute === 0 && second === 0;
  return Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
}

const base64 = /^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/;

/** Whether text is base64 of RFC 4648 4 or 5, with or without padding (RFC 7643 2.3.6). */
export function isBase64(text: string): boolean {
  if (!base64.test(text)) return false;
  const digits = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length;
  return digits % 4 !== 1 && (digits === text.length || text.length % 4 === 0);
}
