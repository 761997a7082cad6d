import { applyDecorators } from '@nestjs/common';
import { ApiAcceptedResponse } from '@nestjs/swagger';
import { ApiProblem } from '../common/api-problem.js';

/** Of routes that anybody may call with any address. */
export const ApiRequestedMail = () =>
  applyDecorators(
    ApiAcceptedResponse({
      description:
        'The same whether or not the address has an account. If it has, a mail is on its way.',
    }),
    ApiProblem('RATE_LIMITED'),
  );
