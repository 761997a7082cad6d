import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { ConfigError, loadConfig } from '@stylizer/common';
import { AppModule } from './app/app.module.js';
import { configSchema } from './config/config.js';
import { runProcess } from './app/run-process.js';
import { TokensService } from './tokens/tokens.service.js';
import { UsersService } from './users/users.service.js';

const USAGE = 'usage: make grant EMAIL=ada@example.com TOKENS=500 REASON="why"';

await runProcess(async () => {
  const { values } = parseArgs({
    options: { email: { type: 'string' }, tokens: { type: 'string' }, reason: { type: 'string' } },
  });
  const { email, reason } = values;
  const tokens = Number(values.tokens);
  if (!email || !reason || !Number.isSafeInteger(tokens) || tokens <= 0)
    throw new ConfigError(`${USAGE}\nTOKENS is a whole number above 0.`);

  const config = loadConfig(configSchema, {
    ...process.env,
    METRICS_PORT: '0',
    LOG_LEVEL: 'error',
  });
  const app = await NestFactory.createApplicationContext(AppModule.forRoot(config), {
    logger: false,
    abortOnError: false,
  });
  try {
    const user = await app.get(UsersService).credentialsOf(email);
    if (!user) throw new ConfigError(`There is no account with the e-mail ${email}.`);
    const available = await app.get(TokensService).grant(user.id, tokens, reason);
    process.stdout.write(`granted ${tokens} tokens to ${user.email}: ${available} available\n`);
  } finally {
    await app.close();
  }
});
