import { describe, expect, it } from '@jest/globals';
import { type Manifest, type Pod, podsOf, selects } from './manifest.js';
import { ofKind, rendered } from './rendered.js';

describe.each(rendered)('$name', ({ manifests }) => {
  const pods = podsOf(manifests);

  it('refers only to existing resources', () => {
    const names = new Set(manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
    const missing: string[] = [];
    const want = (from: Manifest, ...wanted: string[]) => {
      if (!wanted.some((name) => names.has(name))) missing.push(`${from.kind} wants ${wanted}`);
    };
    const matched = (from: Manifest, labels: object, among: { labels: Pod['labels'] }[]) => {
      if (!among.some((each) => selects({ matchLabels: { ...labels } }, each.labels)))
        missing.push(`${from.kind} ${from.metadata.name} selects nothing`);
    };
    const services = ofKind(manifests, 'Service');
    const labelled = services.map(({ metadata }) => ({ labels: metadata.labels ?? {} }));
    for (const one of manifests) {
      if (one.kind === 'Service') matched(one, one.spec.selector, pods);
      if (one.kind === 'PodDisruptionBudget') matched(one, one.spec.selector.matchLabels, pods);
      if (one.kind === 'ServiceMonitor') matched(one, one.spec.selector.matchLabels, labelled);
      const target = one.spec?.scaleTargetRef;
      if (target) want(one, `${target.kind}/${target.name}`);
      for (const trigger of one.spec?.triggers ?? [])
        want(one, `TriggerAuthentication/${trigger.authenticationRef.name}`);
      for (const rule of one.kind === 'Ingress' ? one.spec.rules : [])
        for (const path of rule.http.paths) want(one, `Service/${path.backend.service.name}`);
      if (one.kind === 'HTTPRoute')
        for (const rule of one.spec.rules)
          for (const backend of rule.backendRefs) want(one, `Service/${backend.name}`);
      for (const { templateName } of templatesIn(one.spec?.strategy))
        want(one, `AnalysisTemplate/${templateName}`);
      for (const name of servicesIn(one.spec?.strategy)) want(one, `Service/${name}`);
    }
    for (const { of, spec } of pods)
      if (
        spec.serviceAccountName !== 'default' &&
        !names.has(`ServiceAccount/${spec.serviceAccountName}`)
      )
        missing.push(`${of} has no service account`);
    expect(missing).toEqual([]);
  });

  it('sets no replicas for autoscaled workloads', () => {
    const scaled = manifests.flatMap(({ spec }) => spec?.scaleTargetRef?.name ?? []);
    for (const { kind, metadata, spec } of ofKind(manifests, 'Deployment', 'Rollout'))
      expect({ kind, fixed: 'replicas' in spec }).toEqual({
        kind,
        fixed: !scaled.includes(metadata.name),
      });
  });
});

interface Strategy {
  canary?: { steps: { analysis?: { templates: { templateName: string }[] } }[] };
  blueGreen?: {
    activeService: string;
    previewService: string;
    postPromotionAnalysis: { templates: { templateName: string }[] };
  };
}

const templatesIn = ({ canary, blueGreen }: Strategy = {}) => [
  ...(canary?.steps ?? []).flatMap(({ analysis }) => analysis?.templates ?? []),
  ...(blueGreen?.postPromotionAnalysis.templates ?? []),
];
const servicesIn = ({ blueGreen }: Strategy = {}) =>
  blueGreen ? [blueGreen.activeService, blueGreen.previewService] : [];
