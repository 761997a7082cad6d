import 'reflect-metadata';
import { loadConfig } from '@stylizer/common';
import { runProcess } from './app/run-process.js';
import { LedgerAudit } from './ledger-audit/ledger-audit.js';
import { LEDGER_RULES } from './ledger-audit/ledger-rules.js';
import { configSchema } from './config/config.js';
import { createDataSource } from './database/data-source.js';

/** Exits with 1 if the ledger is wrong. */
await runProcess(async () => {
  const dataSource = await createDataSource(loadConfig(configSchema)).initialize();
  try {
    const broken = await new LedgerAudit(dataSource).run();
    for (const { name, fault, count, examples } of broken)
      process.stdout.write(`${name}: ${count} x ${fault}\n${JSON.stringify(examples, null, 2)}\n`);
    process.stdout.write(
      broken.length === 0
        ? `The ledger is right: ${LEDGER_RULES.length} rules hold.\n`
        : `The ledger is wrong: ${broken.length} of ${LEDGER_RULES.length} rules are broken.\n`,
    );
    process.exitCode = broken.length === 0 ? 0 : 1;
  } finally {
    await dataSource.destroy();
  }
});
