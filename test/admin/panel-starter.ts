import { afterEach } from '@jest/globals';
import type express5 from 'express';
import { type Panel, type PanelOptions, startPanel } from './panel.js';

/** Starts panels, each of which is closed after the test that started it. */
export function panelStarter(make: typeof express5): (options?: PanelOptions) => Promise<Panel> {
  const panels: Panel[] = [];
  afterEach(async () => {
    for (const panel of panels.splice(0)) await panel.close();
  });
  return async (options = {}) => {
    const panel = await startPanel(make, options);
    panels.push(panel);
    return panel;
  };
}
