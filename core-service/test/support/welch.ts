/** Of the t distribution with some 300 degrees of freedom or more, two-sided, p = 0.01. */
const CRITICAL = 2.59;

/** Whether Welch's t test (1947) finds no difference of means at p = 0.01. */
export function sameMean(one: number[], other: number[]): boolean {
  return Math.abs(welchT(one, other)) < CRITICAL;
}

export function welchT(one: number[], other: number[]): number {
  const [a, b] = [momentsOf(one), momentsOf(other)];
  return (a.mean - b.mean) / Math.sqrt(a.variance / one.length + b.variance / other.length);
}

function momentsOf(values: number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (values.length - 1) };
}
