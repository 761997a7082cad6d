import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { ConfigError } from '@stylizer/common';
import { Operations } from './admin/operations.service.js';
import { runCommand } from './app/run-command.js';
import { COMMAND_LINE } from './audit/audit-entry.js';
import { UsersService } from './users/users.service.js';

const USAGE = 'usage: make grant EMAIL=ada@example.com TOKENS=500 REASON="why"';

await runCommand(
  () => {
    const { values } = parseArgs({
      options: {
        email: { type: 'string' },
        tokens: { type: 'string' },
        reason: { type: 'string' },
      },
    });
    const { email, reason } = values;
    const amount = Number(values.tokens);
    if (!email || !reason || !Number.isSafeInteger(amount) || amount <= 0)
      throw new ConfigError(`${USAGE}\nTOKENS is a whole number above 0.`);
    return { email, amount, reason };
  },
  async (app, { email, ...grant }) => {
    const user = await app.get(UsersService).credentialsOf(email);
    if (!user) throw new ConfigError(`There is no account with the e-mail ${email}.`);
    const { available } = await app.get(Operations).grant(COMMAND_LINE, user.id, grant);
    return `granted ${grant.amount} tokens to ${user.email}: ${available} available`;
  },
);
