import { Param, ParseUUIDPipe } from '@nestjs/common';
import { invalid } from './domain-error.js';

const pipe = new ParseUUIDPipe({ exceptionFactory: () => invalid('id', 'is not a UUID') });

/** The `:id` of a route. */
export const IdParam = () => Param('id', pipe);
