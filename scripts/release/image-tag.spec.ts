import { expect, test } from '@jest/globals';
import { imageTagOf, withImageTag } from './image-tag.js';

const environment = `# The first environment.
name: dev
imageTag: '1.2.3' # by the release
overrides:
  imageTag: of no interest
  hosts: [a,   b]
`;

test('the tag is read', () => {
  expect(imageTagOf(environment)).toBe('1.2.3');
  expect(imageTagOf('imageTag: 2.0.0-rc.1')).toBe('2.0.0-rc.1');
});

test('a new tag changes nothing else, comments and quotes included', () => {
  expect(withImageTag(environment, '1.3.0')).toBe(environment.replace('1.2.3', '1.3.0'));
  expect(withImageTag('imageTag: 0.1.0\nname: dev\n', '0.2.0-rc.1')).toBe(
    'imageTag: 0.2.0-rc.1\nname: dev\n',
  );
  expect(withImageTag("imageTag: ''\n", '0.2.0')).toBe("imageTag: '0.2.0'\n");
});

test.each(['latest', 'v1.2.3', '1.2', '1.2.3\nname: x'])('%j is not a version', (version) => {
  expect(() => withImageTag(environment, version)).toThrow('Not a version');
});

test.each(['name: dev', 'imageTag: {a: 1}', 'imageTag: 1.0.0\nimageTag: 2.0.0'])(
  'a file without exactly one image tag is refused: %j',
  (source) => {
    expect(() => imageTagOf(source)).toThrow();
  },
);
