import { writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { compatibilityPage } from './compatibility-page.js';

const page = await format(compatibilityPage(), { parser: 'markdown', printWidth: 120, singleQuote: true });
writeFileSync(new URL('../../docs/quirks.md', import.meta.url), page);
