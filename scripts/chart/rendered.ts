import { applicationsOf, releaseOf } from './applications.js';
import { readEnvironments } from './environment.js';
import { renderManifests } from './helm.js';
import type { Manifest } from './manifest.js';
import { VARIANTS } from './variants.js';

/** Every environment and variant, with its rendered manifests. */
export const rendered = [
  ...applicationsOf(readEnvironments()).map(
    (application) => [application.metadata.name, releaseOf(application)] as const,
  ),
  ...VARIANTS,
].map(([name, release]) => ({ name, manifests: renderManifests(release) }));

export const ofKind = (manifests: Manifest[], ...kinds: string[]): Manifest[] =>
  manifests.filter(({ kind }) => kinds.includes(kind));
