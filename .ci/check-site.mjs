// Every link inside the built site leads to a page of it, and every anchor to a heading there.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = new URL('../docs/.vitepress/dist', import.meta.url).pathname;
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
const pages = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const decode = (text) => decodeURIComponent(text.replaceAll('&amp;', '&'));
const idsOf = (html) => new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => decode(id)));
const ids = new Map([...pages].map(([file, html]) => [file, idsOf(html)]));

/** The file that a server with clean URLs sends for a path; undefined for none. */
function fileAt(path) {
  const found = [path, `${path}.html`, join(path, 'index.html')].find(
    (each) => existsSync(join(root, each)) && statSync(join(root, each)).isFile(),
  );
  return found === undefined ? undefined : relative('.', found);
}

const broken = [];
let count = 0;
for (const [file, html] of pages) {
  if (file === '404.html') continue;
  for (const [, href] of html.matchAll(/<a\b[^>]*? href="([^"]*)"/g)) {
    if (/^[a-z]+:/.test(href)) continue;
    count++;
    const [path = '', anchor] = decode(href).split('#');
    const target = path === '' ? file : fileAt(path.startsWith('/') ? `.${path}` : join(dirname(file), path));
    const isBroken = target === undefined || (anchor && pages.has(target) && !ids.get(target)?.has(anchor));
    if (isBroken) broken.push(`${file}: ${href}`);
  }
}
for (const each of new Set(broken)) console.error(`${each} leads nowhere`);
console.log(`${String(pages.size)} pages, ${String(count)} links, ${String(new Set(broken).size)} broken`);
if (broken.length > 0 || count < 1_000) process.exitCode = 1;
