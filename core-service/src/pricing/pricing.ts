export interface PriceRule {
  /** Tokens for an output of up to `baseMegapixels`. */
  baseTokens: number;
  baseMegapixels: number;
  /** Tokens more for each further started `stepMegapixels`. */
  stepTokens: number;
  stepMegapixels: number;
}

const MEGAPIXEL = 1_000_000;

/**
 * The price of an output in tokens.
 *
 * @param width pixels
 * @param height pixels
 */
export function priceOf(rule: PriceRule, width: number, height: number): number {
  const beyond = width * height - rule.baseMegapixels * MEGAPIXEL;
  const steps = Math.max(0, Math.ceil(beyond / (rule.stepMegapixels * MEGAPIXEL)));
  return rule.baseTokens + steps * rule.stepTokens;
}
