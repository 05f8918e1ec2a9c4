/** Thrown by a case that the store, or this machine, lacks something for. */
export class SkippedCase extends Error {
  override readonly name = 'SkippedCase';
}
