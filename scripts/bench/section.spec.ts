import { describe, expect, it } from '@jest/globals';
import { withSection } from './section.js';

describe('a section of a page', () => {
  it('is appended to a page without a section of its name', () => {
    expect(withSection('# Title\n', 'a', 'one')).toBe(
      '# Title\n\n<!-- a: begin -->\n\none\n\n<!-- a: end -->\n',
    );
  });

  it('is replaced, and the text around it stays', () => {
    const page = withSection(withSection('# Title\n', 'a', 'one'), 'b', 'two');
    const again = withSection(page, 'a', 'three');
    expect(again).toBe(page.replace('one', 'three'));
  });

  it('is refused when one of its markers is missing', () => {
    expect(() => withSection('<!-- a: begin -->\n', 'a', 'one')).toThrow('without its end');
    expect(() => withSection('<!-- a: end -->\n', 'a', 'one')).toThrow('without its beginning');
  });
});
