import { describe, expect, it } from '@jest/globals';
import { DomainError } from '../../common/domain-error.js';
import { parseStyleForm } from './style-form.js';

const refusal = (fields: Record<string, string[]>): DomainError => {
  try {
    parseStyleForm(new Map(Object.entries(fields)));
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('the form of a new style', () => {
  it.each([
    ['a plain name', 'Quilt', 'Quilt'],
    ['a name with space around', ' \t Quilt of 1932\n', 'Quilt of 1932'],
    ['a name of 80 letters', 'ä'.repeat(80), 'ä'.repeat(80)],
    ['a name of 80 emoji, each two UTF-16 units', '🎨'.repeat(80), '🎨'.repeat(80)],
  ])('takes %s', (_what, sent, name) => {
    expect(parseStyleForm(new Map([['name', [sent]]]))).toEqual({ name });
  });

  it('counts empty parts as absent, as a form on a web page sends them', () => {
    const fields = new Map([
      ['name', ['', 'Quilt']],
      ['strength', ['']],
    ]);
    expect(parseStyleForm(fields)).toEqual({ name: 'Quilt' });
  });

  it.each<[string, Record<string, string[]>, string]>([
    ['no name', {}, 'name'],
    ['an empty name', { name: [''] }, 'name'],
    ['a name of spaces', { name: ['  \t\n'] }, 'name'],
    ['a name of 81 letters', { name: ['x'.repeat(81)] }, 'name'],
    ['two names', { name: ['one', 'other'] }, 'name'],
    ['a name on two lines', { name: ['one\nother'] }, 'name'],
    ['a name with a null byte', { name: ['one\0other'] }, 'name'],
    ['a name with a terminal escape', { name: ['\u001b[31mred'] }, 'name'],
    ['an unknown part', { name: ['Quilt'], kind: ['catalogue'] }, 'kind'],
  ])('refuses %s', (_what, fields, path) => {
    const error = refusal(fields);
    expect(error.code).toBe('VALIDATION_FAILED');
    expect(error.errors?.map((field) => field.path)).toEqual([path]);
  });
});
