/** An error that the panel shows to the administrator, as a page or as JSON. */
export class PanelError extends Error {
  /** @param field the field of the form that is wrong, where it is a single one */
  constructor(
    readonly status: number,
    message: string,
    readonly field?: string,
  ) {
    super(message);
    this.name = 'PanelError';
  }
}

export const readOnlyMessage = 'You can view these settings, but not change them.';

export const setupOnlyMessage = 'This set-up link gives access to the settings of one connection only.';

/** A mistake that the administrator may have made on purpose: the form asks whether it is one. */
export class DoubtfulError extends PanelError {}
