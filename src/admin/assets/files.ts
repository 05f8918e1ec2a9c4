import { createHash } from 'node:crypto';
import { panelScript } from './script.js';
import { panelStyle } from './style.js';

/** A file that the panel serves; its name changes with its content. */
export interface AssetFile {
  readonly name: string;
  readonly type: string;
  readonly content: Buffer;
}

function file(stem: string, extension: string, type: string, text: string): AssetFile {
  const content = Buffer.from(text);
  const print = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return { name: `${stem}-${print}.${extension}`, type, content };
}

export const styleFile = file('panel', 'css', 'text/css; charset=utf-8', panelStyle);
export const scriptFile = file('panel', 'js', 'text/javascript; charset=utf-8', panelScript);
