import { describe, expect, it } from '@jest/globals';
import { checkAgreement } from './agreement.js';

const planes = (...values: number[]) => Float32Array.from(values);

describe('two engines that run one network', () => {
  it('agree when they differ by rounding errors', () => {
    expect(() => checkAgreement('a, b', planes(0.51, 1), planes(0.5101, 1))).not.toThrow();
  });

  it('may be half a level apart where one of them gives bytes', () => {
    expect(() => checkAgreement('a, b', planes(0.2, 1), planes(0.2019, 1))).not.toThrow();
    expect(() => checkAgreement('a, b', planes(0.2, 1), planes(0.205, 1))).toThrow('differ');
  });

  it('do not agree when one says more, or no number', () => {
    expect(() => checkAgreement('a, b', planes(0.51, 1), planes(0.52, 1))).toThrow('a, b differ');
    expect(() => checkAgreement('a, b', planes(0.5), planes(0.5, 1))).toThrow();
    expect(() => checkAgreement('a, b', planes(0.5), planes(NaN))).toThrow();
  });
});
