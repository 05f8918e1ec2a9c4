/** Where and when something was measured. */
export interface MeasuredAt {
  readonly commit: string;
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly node: string;
}
export function measuredAt(): MeasuredAt;
export function keep(name: string, result: object): void;
export function kept(name: string): unknown;
export function median(numbers: readonly number[]): number;
export function figure(value: number | undefined | null): string;
