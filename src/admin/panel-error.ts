/** An error that the panel shows to the administrator, as a page or as JSON. */
export class PanelError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'PanelError';
  }
}

export const readOnlyMessage = 'You can view these settings, but not change them.';

export const setupOnlyMessage = 'This set-up link gives access to the settings of one connection only.';
