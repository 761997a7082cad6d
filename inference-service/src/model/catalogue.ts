import { join } from 'node:path';
import type { StylizeParams } from '@stylizer/common';
import { z } from 'zod';
import { CODE_LENGTH } from '../engine/engine.js';
import { ServiceError, ValidationFailed } from '../errors.js';
import type { WeightedCode } from '../stylize/blend.js';
import { type Manifest, ModelError, readModelFile, sha256 } from './manifest.js';

export const styleSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  name: z.string().min(1),
  description: z.string().min(1),
  tags: z.array(z.string()),
  /** The artwork that the code was made from. */
  source: z.string(),
  code: z.array(z.number()).length(CODE_LENGTH),
});

export const stylesFileSchema = z.strictObject({ styles: z.array(styleSchema).min(1) });

export type Style = z.output<typeof styleSchema>;

export interface Preview {
  webp: Buffer;
  /** Quoted, as in the header. */
  etag: string;
}

/** The styles that ship with the model. */
export class Catalogue {
  private constructor(
    private readonly styles: ReadonlyMap<string, Style>,
    private readonly previews: ReadonlyMap<string, Preview>,
  ) {}

  /**
   * @param manifest from `verifyModel` of the same folder.
   * @throws ModelError when the styles do not fit the schema.
   */
  static async load(dir: string, manifest: Manifest): Promise<Catalogue> {
    const text = (await readModelFile(join(dir, 'styles.json'))).toString('utf8');
    const parsed = stylesFileSchema.safeParse(JSON.parse(text));
    if (!parsed.success)
      throw new ModelError(`${join(dir, 'styles.json')}: ${z.prettifyError(parsed.error)}`);
    const previews = new Map<string, Preview>();
    for (const { id } of parsed.data.styles) {
      const file = `previews/${id}.webp`;
      if (!(file in manifest.files)) continue;
      const webp = await readModelFile(join(dir, file));
      previews.set(id, { webp, etag: `"${sha256(webp).slice(0, 32)}"` });
    }
    return new Catalogue(new Map(parsed.data.styles.map((style) => [style.id, style])), previews);
  }

  list(): Style[] {
    return [...this.styles.values()];
  }

  preview(id: string): Preview | undefined {
    return this.previews.get(id);
  }

  /**
   * The codes of the requested styles, from the catalogue or from the request itself.
   *
   * @param model the id of the loaded model: a code made by another one gives another image.
   * @throws ServiceError `STYLE_NOT_FOUND`, `MODEL_MISMATCH`
   * @throws ValidationFailed when a code has the wrong length.
   */
  codesOf(styles: StylizeParams['styles'], model: string): WeightedCode[] {
    return styles.map((style, index) => {
      if ('id' in style) {
        const known = this.styles.get(style.id);
        if (!known)
          throw new ServiceError('STYLE_NOT_FOUND', `Unknown style "${style.id.slice(0, 100)}".`);
        return { code: known.code, weight: style.weight };
      }
      if (style.model !== undefined && style.model !== model)
        throw new ServiceError(
          'MODEL_MISMATCH',
          'The style code was made by another model than the one loaded here. Encode its image again.',
        );
      if (style.code.length !== CODE_LENGTH) {
        const message = `A style code has ${CODE_LENGTH} numbers, not ${style.code.length}.`;
        throw new ValidationFailed([{ path: `params.styles.${index}.code`, message }]);
      }
      return style;
    });
  }
}
