export default async function teardown() {
  const { stopServices } = await import('./test-services.ts');
  const { stopCluster } = await import('./postgres-cluster.ts');
  await stopServices();
  await stopCluster();
}
