// npx tsx test/testing/write-case-list.ts: writes docs/store-cases.md.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { caseList } from './case-list.js';

const file = fileURLToPath(new URL('../../docs/store-cases.md', import.meta.url));
writeFileSync(file, await format(caseList(), { ...(await resolveConfig(file)), filepath: file }));
