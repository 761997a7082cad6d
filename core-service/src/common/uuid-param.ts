import { Param } from '@nestjs/common';
import { z } from 'zod';

export const Id = z.uuid('is not a UUID').meta({ example: '019aa0c2-7c1e-7d6b-9b52-0f2a5c0d1e2f' });

/** The `:id` of a route. */
export const IdParam = () => Param('id', { schema: Id });
