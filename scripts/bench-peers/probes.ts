/** Rows, inner, columns of the matrix products among which the fastest is the machine's peak. */
export const PRODUCTS = [
  '1024x1024x1024',
  '2048x2048x2048',
  '4096x1024x1024',
  // What a 3x3 convolution of 96 channels at an eighth of 512 x 512 comes down to.
  '4096x864x96',
] as const;

/** Numbers in each vector of the sum that measures the memory: 128 MB, which no cache holds. */
export const SUM_LENGTH = 2 ** 25;
