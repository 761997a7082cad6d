const SAMPLE_MS = 5;

/** Runs the work and returns the peak growth of this process in bytes. */
export async function peakGrowth<T>(work: () => Promise<T>): Promise<{ result: T; bytes: number }> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const look = () => (peak = Math.max(peak, process.memoryUsage.rss()));
  const sampling = setInterval(look, SAMPLE_MS);
  try {
    const result = await work();
    look();
    return { result, bytes: peak - before };
  } finally {
    clearInterval(sampling);
  }
}
