/** The `error` of a response of the token endpoint: RFC 6749 5.2, and one of 4.1.2.1 for a fault of the server. */
export type TokenErrorCode =
  'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'invalid_scope' | 'temporarily_unavailable';

/** An error response of the token endpoint. */
export class TokenError extends Error {
  readonly status: number;
  readonly code: TokenErrorCode;
  /** Response headers, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;

  /** @param description ASCII without quotes and backslashes (RFC 6749 5.2); it contains no value of the request */
  constructor(
    status: number,
    code: TokenErrorCode,
    description: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(description);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}
