import { describe, expect, it } from '@jest/globals';
import { kindsOf } from './json-schemas.js';

const gvk = (group: string, kind: string) => [{ group, version: 'v1', kind }];
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const document = {
  components: {
    schemas: {
      Deployment: {
        type: 'object',
        properties: { spec: { allOf: [ref('Spec')], default: {} } },
        'x-kubernetes-group-version-kind': gvk('apps', 'Deployment'),
      },
      Spec: { type: 'object', properties: { labels: ref('Labels'), again: ref('Spec') } },
      Labels: { type: 'object', additionalProperties: { type: 'string' } },
      Options: { 'x-kubernetes-group-version-kind': [...gvk('a', 'X'), ...gvk('b', 'X')] },
      Pod: { type: 'object', 'x-kubernetes-group-version-kind': gvk('', 'Pod') },
    },
  },
};

describe('Kubernetes’ API as JSON schemas', () => {
  const kinds = kindsOf(document);

  it('has a schema for each kind, at the path that kubeconform expects', () => {
    expect([...kinds.keys()]).toEqual(['apps/deployment_v1', 'v1/pod_v1']);
  });

  it('includes exactly what a kind refers to, including itself', () => {
    const { definitions } = kinds.get('apps/deployment_v1') as { definitions: object };
    expect(Object.keys(definitions)).toEqual(['Deployment', 'Spec', 'Labels']);
  });

  it('refuses unknown fields, except in maps with free keys', () => {
    expect(kinds.get('apps/deployment_v1')).toMatchObject({
      definitions: {
        Deployment: {
          additionalProperties: false,
          properties: { spec: { allOf: [{ $ref: '#/definitions/Spec' }] } },
        },
        Spec: { additionalProperties: false },
        Labels: { additionalProperties: { type: 'string' } },
      },
    });
  });
});
