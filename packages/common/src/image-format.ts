export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'heif' | 'gif' | 'tiff';

/** The format according to the first bytes; the declared content type is ignored. */
export function sniffFormat(head: Uint8Array): ImageFormat | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, 16));
  const ascii = bytes.toString('latin1');
  if (bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'jpeg';
  if (ascii.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (ascii.startsWith('RIFF') && ascii.slice(8, 12) === 'WEBP') return 'webp';
  if (ascii.startsWith('GIF87a') || ascii.startsWith('GIF89a')) return 'gif';
  if (ascii.startsWith('II*\0') || ascii.startsWith('MM\0*')) return 'tiff';
  if (/^(avif|avis|heic|heix|mif1|msf1)$/.test(ascii.slice(8, 12)) && ascii.slice(4, 8) === 'ftyp')
    return 'heif';
  return undefined;
}
