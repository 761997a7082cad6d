import { writeFile } from 'node:fs/promises';
import { configSchema } from './config/config.js';
import { createApp } from './app/create-app.js';
import { createDocument } from './app/document.js';

// Nothing is connected to: preview mode creates no provider.
const config = configSchema.parse({
  LOG_LEVEL: 'error',
  DATABASE_URL: 'postgres://nobody@localhost/none',
  JWT_SECRET: 'only-to-satisfy-the-configuration-schema',
});
const app = await createApp(config, { preview: true });
const file = new URL('../../docs/api/openapi.json', import.meta.url);
await writeFile(file, `${JSON.stringify(createDocument(app), null, 2)}\n`);
