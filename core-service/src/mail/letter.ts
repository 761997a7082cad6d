import type { Message } from './mail.js';

export interface Letter {
  subject: string;
  paragraphs: string[];
  /** What the reader is asked to do: on a page, or by calling the API with the token. */
  action?: {
    label: string;
    /** Of the page, under PUBLIC_URL. */
    page: string;
    /** Such as `POST /v1/auth/verify-email`. */
    call: string;
    token: string;
    /** Of further fields of the call's body. */
    fields?: Record<string, string>;
  };
  /** After the action. */
  closing: string[];
}

/** The letter as text and HTML; what goes into the HTML is escaped. */
export function messageOf(to: string, letter: Letter, publicUrl: string): Message {
  const { subject, paragraphs, action, closing } = letter;
  const root = publicUrl.replace(/\/+$/, '');
  // The part after # is not sent to servers, so it is in no access log and no Referer.
  const link = action && `${root}${action.page}#token=${action.token}`;
  const body = action && JSON.stringify({ token: action.token, ...action.fields });
  const text = [
    ...paragraphs,
    ...(action ? [`${action.label}:\n${link}`, `Or call the API:\n${action.call}\n${body}`] : []),
    ...closing,
    `Stylizer · ${root}`,
  ].join('\n\n');
  const html = [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head>`,
    '<body style="font-family: sans-serif; max-width: 36em; line-height: 1.5">',
    ...paragraphs.map(paragraph),
    ...(action
      ? [
          `<p><a href="${escaped(String(link))}">${escaped(action.label)}</a></p>`,
          `<p>Or call the API:</p>`,
          `<pre style="white-space: pre-wrap; word-break: break-all">${escaped(`${action.call}\n${body}`)}</pre>`,
        ]
      : []),
    ...closing.map(paragraph),
    `<p style="color: #666">Stylizer · ${escaped(root)}</p>`,
    '</body></html>',
  ].join('\n');
  return { to, subject, text: `${text}\n`, html: `${html}\n` };
}

function paragraph(text: string): string {
  return `<p>${escaped(text)}</p>`;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => String(ENTITIES[character]));
}
