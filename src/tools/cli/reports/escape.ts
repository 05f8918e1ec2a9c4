/** Escapes text for HTML and XML, between tags and in quoted attribute values. Characters that XML forbids become U+FFFD. */
export function escapeMarkup(text: string): string {
  return text.replace(forbidden, '\ufffd').replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}

// XML 1.0, production 2: no controls but tab, line feed and carriage return, and no half of a surrogate pair.
const forbidden = /[\p{Cs}\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/gu;
