import type { StylizeParams } from '@stylizer/common';
import type { WeightedCode } from '../stylize/blend.js';
import { CODE_LENGTH } from '../engine/engine.js';
import { ServiceError, ValidationFailed } from '../service-error.js';
import type { Catalogue } from './catalogue.js';

/**
 * The codes that a request names or brings along, with their weights.
 *
 * @param model the one that is loaded: a code that names another would give another picture
 * @throws ServiceError `STYLE_NOT_FOUND`, `MODEL_MISMATCH`
 * @throws ValidationFailed when a code has the wrong length.
 */
export function resolveStyles(
  styles: StylizeParams['styles'],
  catalogue: Catalogue,
  model: string,
): WeightedCode[] {
  return styles.map((style, index) => {
    if ('id' in style) {
      const known = catalogue.get(style.id);
      if (!known)
        throw new ServiceError('STYLE_NOT_FOUND', `There is no style "${style.id.slice(0, 100)}".`);
      return { code: known.code, weight: style.weight };
    }
    if (style.model !== undefined && style.model !== model)
      throw new ServiceError(
        'MODEL_MISMATCH',
        'A style code was made by another model than is loaded here. Encode its picture again.',
      );
    if (style.code.length !== CODE_LENGTH) {
      const message = `A style code has ${CODE_LENGTH} numbers, not ${style.code.length}.`;
      throw new ValidationFailed([{ path: `params.styles.${index}.code`, message }]);
    }
    return style;
  });
}
