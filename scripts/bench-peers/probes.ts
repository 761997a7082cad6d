/** Rows, inner size and columns of the matrix products; the fastest is the machine's peak. */
export const PRODUCTS = [
  '1024x1024x1024',
  '2048x2048x2048',
  '4096x1024x1024',
  // Corresponds to a 3x3 convolution of 96 channels at an eighth of 512 x 512.
  '4096x864x96',
] as const;

/** Numbers in each vector of the sum that measures memory: 128 MB, larger than any cache. */
export const SUM_LENGTH = 2 ** 25;
