import { loadConfig } from '@stylizer/common';
import { configSchema } from './config/config.js';
import { migrateDatabase } from './database/migrate-database.js';
import { runProcess } from './app/run-process.js';

await runProcess(async () => {
  const applied = await migrateDatabase(loadConfig(configSchema));
  process.stdout.write(applied.length ? `applied ${applied.join(', ')}\n` : 'nothing to migrate\n');
});
