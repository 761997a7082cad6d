import { styleText } from 'node:util';
import { baseUrl, type Settings } from './settings.js';

/** All URLs, and a first request to paste. */
export async function banner(settings: Settings): Promise<string> {
  const url = baseUrl(settings);
  const style = await firstStyle(url);
  const bold = (text: string) => styleText('bold', text, { stream: process.stdout });
  return `
  ${bold('Stylizer is ready.')}  Ctrl-C stops it; the data stays in .data/

    API    ${bold(`${url}/v1`)}
    Docs   ${bold(`${url}/docs`)}

  ${bold('Register and stylize an image:')}

    TOKEN=$(curl -s ${url}/v1/auth/register -H 'content-type: application/json' \\
      -d "{\\"email\\": \\"me-$(date +%s)@example.com\\", \\"password\\": \\"a long enough password\\"}" \\
      | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')
    curl ${url}/v1/transformations -H "authorization: Bearer $TOKEN" -H 'accept: image/jpeg' \\
      -F style=${style} -F image=@assets/sample.jpg -o stylized.jpg
`;
}

/** Any existing style, for the example. */
async function firstStyle(url: string): Promise<string> {
  try {
    const response = await fetch(`${url}/v1/styles`, { signal: AbortSignal.timeout(5_000) });
    const { items } = (await response.json()) as { items: { id: string }[] };
    return items[0]?.id ?? 'STYLE';
  } catch {
    return 'STYLE';
  }
}
