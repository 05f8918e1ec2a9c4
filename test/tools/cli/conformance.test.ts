import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { conformanceReport } from './conformance.js';

describe('docs/conformance.md', () => {
  it('is up to date: npm run conformance writes it', async () => {
    const { text, failed } = await conformanceReport();
    const written = readFileSync(new URL('../../../docs/conformance.md', import.meta.url), 'utf8');
    expect(text.split('\n')).toEqual(written.split('\n'));
    expect(failed).toBe(0);
  });
});
