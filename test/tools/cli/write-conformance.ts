import { writeFileSync } from 'node:fs';
import { conformanceReport } from './conformance.js';

// `npm run conformance`
const { text, failed } = await conformanceReport();
writeFileSync(new URL('../../../docs/conformance.md', import.meta.url), text);
process.stdout.write(`wrote docs/conformance.md; ${String(failed)} rows failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
