/** One operation of a PATCH (RFC 7644 3.5.2); `op` and `value` may be wrong on purpose. */
export interface PatchOperation {
  readonly op: string;
  readonly path?: string | undefined;
  readonly value?: unknown;
}
