import { join } from 'node:path';
import { z } from 'zod';
import { CODE_LENGTH } from '../engine/engine.js';
import { type Manifest, ModelError, readModelFile, sha256 } from './manifest.js';

export const styleSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  name: z.string().min(1),
  description: z.string().min(1),
  tags: z.array(z.string()),
  /** The work whose code this is. */
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

/** The styles that come with the model. */
export class Catalogue {
  private constructor(
    private readonly styles: ReadonlyMap<string, Style>,
    private readonly previews: ReadonlyMap<string, Preview>,
  ) {}

  /**
   * Call with what `verifyModel` returned for the same folder.
   *
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

  get(id: string): Style | undefined {
    return this.styles.get(id);
  }

  preview(id: string): Preview | undefined {
    return this.previews.get(id);
  }
}
