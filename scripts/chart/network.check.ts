import { describe, expect, it } from '@jest/globals';
import { type Pod, podsOf, selects } from './manifest.js';
import { ofKind, rendered } from './rendered.js';

const withPolicies = rendered.filter(({ name }) => name !== 'no policies, no migrations');

describe.each(withPolicies)('$name', ({ manifests }) => {
  const pods = podsOf(manifests);
  const network = ofKind(manifests, 'NetworkPolicy');
  it('denies traffic of every pod in both directions unless a policy allows it', () => {
    const bare = pods.filter(
      ({ labels }) =>
        !network.some(
          ({ spec }) =>
            selects(spec.podSelector, labels) &&
            spec.policyTypes.length === 2 &&
            !spec.ingress &&
            !spec.egress,
        ),
    );
    expect(bare.map(({ of }) => of)).toEqual([]);
  });

  it('lets only core reach the inference service and its database', () => {
    const reached = (labels: Pod['labels'], port: number) =>
      network
        .filter(({ spec }) => selects(spec.podSelector, labels))
        .flatMap(({ spec }) => spec.ingress ?? [])
        .filter(({ ports }: { ports: { port: number }[] }) =>
          ports.some((each) => each.port === port),
        )
        .flatMap(({ from }: { from: object[] }) => from.map((peer) => JSON.stringify(peer)));
    for (const { of, labels } of pods.filter(({ kind }) => kind !== 'Job' && kind !== 'Pod')) {
      const kind = labels['stylizer.dev/kind'];
      if (kind !== 'inference' && kind !== 'database') continue;
      const peers = reached(labels, kind === 'inference' ? 8001 : 5432);
      expect({
        of,
        strangers: peers.filter((peer) => !/"stylizer.dev\/kind":"core"|"keda"/.test(peer)),
      }).toEqual({ of, strangers: [] });
      expect(peers.length).toBeGreaterThan(0);
    }
  });
});
