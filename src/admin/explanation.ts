/** Explanation of an error for an administrator. */
export interface Explanation {
  /** What the error means. */
  readonly meaning: string;
  /** What to do about it. */
  readonly remedy: string;
}
