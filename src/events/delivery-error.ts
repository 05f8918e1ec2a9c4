/** Why an attempt failed, in a text that may be stored and shown: it contains no URL, no secret and no personal data. */
export class DeliveryError extends Error {
  /** True: no further attempt will succeed. */
  readonly permanent: boolean;

  constructor(message: string, options: ErrorOptions & { readonly permanent?: boolean } = {}) {
    super(message, options);
    this.name = 'DeliveryError';
    this.permanent = options.permanent ?? false;
  }
}
