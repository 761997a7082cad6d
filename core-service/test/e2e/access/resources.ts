import { keyOf } from '../../factories/api-keys.js';
import { picture } from '../../factories/images.js';
import type { TestUser } from '../../factories/users.js';
import type { TestApp } from '../../support/test-app.js';

const image = await picture({ width: 32, height: 32 });

/** Makes something that a user owns; returns the ids in the path of its routes, by their names there. */
export const RESOURCES = {
  user: async (_app, { id }) => ({ id }),
  transformation: async (_app, user) => ({ id: (await user.submit(image).expect(201)).body.id }),
  style: async (_app, user) => ({ id: (await user.createStyle(image).expect(201)).body.id }),
  'API key': async (app, user) => ({ id: (await keyOf(app, user)).id }),
} satisfies Record<string, (app: TestApp, owner: TestUser) => Promise<Record<string, string>>>;
export type ResourceKind = keyof typeof RESOURCES;
