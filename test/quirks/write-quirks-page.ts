import { writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { quirksPage } from './quirks-page.js';

const page = await format(quirksPage(), { parser: 'markdown', printWidth: 120, singleQuote: true });
writeFileSync(new URL('../../docs/quirks.md', import.meta.url), page);
