export interface Timed {
  /** Milliseconds from the first byte sent to the last byte received. */
  totalMs: number;
  id: string;
}

interface Transformation {
  inferenceMs: number;
  queuedAt: string;
  startedAt: string;
}

/** A customer of the public API. */
export class Customer {
  private constructor(
    private readonly url: string,
    readonly email: string,
    readonly token: string,
  ) {}

  static async register(url: string): Promise<Customer> {
    const email = `bench-${Date.now()}@example.com`;
    const response = await fetch(`${url}/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: 'a long enough password' }),
    });
    const { accessToken } = (await response.json()) as { accessToken: string };
    return new Customer(url, email, accessToken);
  }

  async styles(): Promise<string[]> {
    const response = await fetch(`${this.url}/v1/styles`);
    const { items } = (await response.json()) as { items: { id: string }[] };
    return items.map(({ id }) => id);
  }

  /** Posts a picture and reads the JPG. */
  async stylise(image: Buffer, style: string): Promise<Timed> {
    const form = new FormData();
    form.set('style', style);
    form.set('image', new Blob([new Uint8Array(image)]), 'photo.jpg');
    const start = performance.now();
    const response = await fetch(`${this.url}/v1/transformations`, {
      method: 'POST',
      headers: { ...this.authorization, accept: 'image/jpeg', prefer: 'wait=60' },
      body: form,
    });
    const body = await response.arrayBuffer();
    const totalMs = performance.now() - start;
    if (response.status !== 200)
      throw new Error(`${response.status} ${Buffer.from(body).toString().slice(0, 300)}`);
    return { totalMs, id: response.headers.get('x-transformation-id') ?? '' };
  }

  async transformation(id: string): Promise<Transformation> {
    const response = await fetch(`${this.url}/v1/transformations/${id}`, {
      headers: this.authorization,
    });
    return (await response.json()) as Transformation;
  }

  get authorization(): { authorization: string } {
    return { authorization: `Bearer ${this.token}` };
  }
}
