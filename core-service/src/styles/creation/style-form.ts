import { invalid } from '../../common/domain-error.js';

const MAX_CHARACTERS = 80;
const CONTROL = /\p{Cc}/u;

/**
 * The text parts of a new style: its `name`, which is trimmed.
 *
 * @throws DomainError VALIDATION_FAILED naming the bad part
 */
export function parseStyleForm(fields: Map<string, string[]>): { name: string } {
  // Web forms send empty fields: they count as absent.
  const filled = [...fields].map(([part, values]) => [part, values.filter(Boolean)] as const);
  for (const [part, values] of filled) {
    if (part !== 'name' && values.length > 0) throw invalid(part, 'is not a field of this route');
    if (values.length > 1) throw invalid(part, 'was sent twice');
  }
  const name = fields.get('name')?.find(Boolean)?.trim();
  if (!name) throw invalid('name', 'is missing');
  if ([...name].length > MAX_CHARACTERS)
    throw invalid('name', `must have at most ${MAX_CHARACTERS} characters`);
  if (CONTROL.test(name)) throw invalid('name', 'must have no control characters');
  return { name };
}
