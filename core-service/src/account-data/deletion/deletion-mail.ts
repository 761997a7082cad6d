import type { Message } from '../../mail/mail.js';

/** Says what happens, and how to undo it, with the token that is nowhere else. */
export function deletionMail(particulars: {
  deletesAt: Date;
  token: string;
  publicUrl: string;
}): Omit<Message, 'to'> {
  const { deletesAt, token, publicUrl } = particulars;
  const when = `${deletesAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const route = `${publicUrl.replace(/\/$/, '')}/v1/auth/restore`;
  const body = JSON.stringify({ token });
  const paragraphs = [
    `Somebody who is signed in to your Stylizer account asked to delete it. Its images, custom styles and exports are deleted now; the account itself is deleted for good on ${when}.`,
    `To keep the account, send a POST request to ${route} before that, with your e-mail and password or with this token:`,
    `curl -X POST ${route} -H 'content-type: application/json' -d '${body}'`,
    'If it was not you, restore the account and change its password.',
  ];
  return {
    subject: 'Your Stylizer account will be deleted',
    text: `${paragraphs.join('\n\n')}\n`,
    html: paragraphs.map((text) => `<p>${escaped(text)}</p>`).join('\n'),
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
