/** An image that a client sent, or named by its URL. */
export interface UploadedImage {
  /** What makes two requests the same: the bytes that were sent, or the URL. */
  identity: Buffer;
  /** Fetches a named one, each time anew. */
  bytes(): Promise<Buffer>;
}

export function sentImage(bytes: Buffer): UploadedImage {
  return { identity: bytes, bytes: () => Promise.resolve(bytes) };
}
