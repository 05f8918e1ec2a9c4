import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { root } from '../examples.js';
import { referencePages } from './pages.js';

// `npm run reference`
const folder = `${root}docs/reference/`;
mkdirSync(folder, { recursive: true });
const pages = await referencePages();
for (const file of readdirSync(folder)) if (!pages.has(file)) rmSync(folder + file);
for (const [file, text] of pages) writeFileSync(folder + file, text);
