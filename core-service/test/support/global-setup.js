// Jest makes CommonJS of a setup in TypeScript and then cannot follow its imports. So the setup is
// JavaScript and loads the TypeScript as the services do.
import '@swc-node/register/esm-register';

export default async function setup() {
  const { startCluster } = await import('./postgres-cluster.ts');
  await startCluster();
  const { startServices } = await import('./test-services.ts');
  await startServices();
}
