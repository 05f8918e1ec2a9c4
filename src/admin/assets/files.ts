import { createHash } from 'node:crypto';
import { panelScript } from './script.js';
import { panelStyle } from './style.js';

/** A file that the panel serves. Its name contains a hash of its content, so that browsers can cache it forever. */
export interface AssetFile {
  readonly name: string;
  readonly type: string;
  readonly content: Buffer;
}

function file(stem: string, extension: string, type: string, text: string): AssetFile {
  const content = Buffer.from(text);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return { name: `${stem}-${hash}.${extension}`, type, content };
}

export const styleFile = file('panel', 'css', 'text/css; charset=utf-8', panelStyle);
export const scriptFile = file('panel', 'js', 'text/javascript; charset=utf-8', panelScript);
