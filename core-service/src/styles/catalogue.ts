import { Inject, Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../common/domain-error.js';
import { type CatalogueStyle, Inference } from '../inference/inference.js';

/** The catalogue changes only with the model, so rarely. */
const FRESH_MS = 60_000;
/** After a failed refresh the old catalogue is used for this long. */
const RETRY_MS = 5_000;

/** Caches the inference service's catalogue; an outage does not empty it. */
@Injectable()
export class Catalogue {
  private readonly logger = new Logger(Catalogue.name);
  private styles?: Map<string, CatalogueStyle>;
  private freshUntil = 0;
  private refreshing?: Promise<Map<string, CatalogueStyle>>;
  private readonly previews = new Map<string, Buffer>();

  constructor(@Inject(Inference) private readonly inference: Inference) {}

  /** @throws DomainError INFERENCE_UNAVAILABLE if it has not been read since the start */
  async all(): Promise<CatalogueStyle[]> {
    return [...(await this.current()).values()];
  }

  async has(id: string): Promise<boolean> {
    return (await this.current()).has(id);
  }

  /** WebP. */
  async preview(id: string): Promise<Buffer | undefined> {
    if (!(await this.has(id))) return undefined;
    const kept = this.previews.get(id);
    if (kept) return kept;
    const preview = await this.inference.preview(id).catch(unavailable);
    if (preview) this.previews.set(id, preview);
    return preview;
  }

  private async current(): Promise<Map<string, CatalogueStyle>> {
    if (this.styles && Date.now() < this.freshUntil) return this.styles;
    this.refreshing ??= this.refresh().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  private async refresh(): Promise<Map<string, CatalogueStyle>> {
    try {
      const styles = await this.inference.styles();
      this.styles = new Map(styles.map((style) => [style.id, style]));
      this.previews.clear();
      this.freshUntil = Date.now() + FRESH_MS;
      return this.styles;
    } catch (error) {
      if (!this.styles) return unavailable(error);
      this.logger.warn(`the catalogue could not be refreshed: ${String(error)}`);
      this.freshUntil = Date.now() + RETRY_MS;
      return this.styles;
    }
  }
}

function unavailable(cause: unknown): never {
  throw new DomainError(
    'INFERENCE_UNAVAILABLE',
    'The catalogue is not available at the moment. Nothing was charged; try again shortly.',
    { cause, retryAfterSeconds: 5 },
  );
}
