import { describe, expect, it } from '@jest/globals';
import { checkAgreement } from './agreement.js';

const planes = (...values: number[]) => Float32Array.from(values);

describe('two engines that run one network', () => {
  it('agree when they differ by rounding errors only', () => {
    expect(() => checkAgreement('a, b', planes(0.51, 1), planes(0.5101, 1))).not.toThrow();
  });

  it('may differ by half a level if one of them returns bytes', () => {
    expect(() => checkAgreement('a, b', planes(0.2, 1), planes(0.2019, 1))).not.toThrow();
    expect(() => checkAgreement('a, b', planes(0.2, 1), planes(0.205, 1))).toThrow('differ');
  });

  it('do not agree when values differ more or are NaN', () => {
    expect(() => checkAgreement('a, b', planes(0.51, 1), planes(0.52, 1))).toThrow('a, b differ');
    expect(() => checkAgreement('a, b', planes(0.5), planes(0.5, 1))).toThrow();
    expect(() => checkAgreement('a, b', planes(0.5), planes(NaN))).toThrow();
  });
});
