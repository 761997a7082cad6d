import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { ConfigError } from '@stylizer/common';
import { Operations } from './admin/operations.service.js';
import { runCommand } from './app/run-command.js';
import { COMMAND_LINE } from './audit/audit-entry.js';
import { UsersService } from './users/users.service.js';

const USAGE =
  'usage: make operator EMAIL=ada@example.com (ROLE=user takes the role away; REASON="why")';

await runCommand(
  () => {
    const { values } = parseArgs({
      options: { email: { type: 'string' }, role: { type: 'string' }, reason: { type: 'string' } },
    });
    const { email } = values;
    const role = values.role || 'operator';
    const reason = values.reason || 'make operator';
    if (!email || (role !== 'operator' && role !== 'user')) throw new ConfigError(USAGE);
    return { email, role, reason } as const;
  },
  async (app, { email, role, reason }) => {
    const user = await app.get(UsersService).credentialsOf(email);
    if (!user) throw new ConfigError(`There is no account with the e-mail ${email}.`);
    await app.get(Operations).setRole(COMMAND_LINE, user.id, role, reason);
    return `${user.email} is now ${role === 'operator' ? 'an operator' : 'a user'}`;
  },
);
