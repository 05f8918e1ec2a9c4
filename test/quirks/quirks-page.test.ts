import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { quirksPage } from './quirks-page.js';

const words = (text: string): string => text.replace(/\s+|-{3,}/g, ' ').replace(/ +/g, ' ');

describe('docs/quirks.md', () => {
  it('is what `npm run quirks` writes', () => {
    const written = readFileSync(new URL('../../docs/quirks.md', import.meta.url), 'utf8');
    expect(words(written)).toBe(words(quirksPage()));
  });
});
