/** A refusal that the panel shows as a page, or as JSON. */
export class PanelError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'PanelError';
  }
}
