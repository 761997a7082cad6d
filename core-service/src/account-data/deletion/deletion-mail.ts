import { messageOf } from '../../mail/letter.js';
import type { Message } from '../../mail/mail.js';

/** Says what happens, and how to undo it, with the token that is nowhere else. */
export function deletionMail(particulars: {
  to: string;
  deletesAt: Date;
  token: string;
  publicUrl: string;
}): Message {
  const { to, deletesAt, token, publicUrl } = particulars;
  const when = `${deletesAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const letter = {
    subject: 'Your Stylizer account will be deleted',
    paragraphs: [
      `Somebody who is signed in to your Stylizer account asked to delete it. Its images, custom styles and exports are deleted now; the account itself is deleted for good on ${when}. You can keep the account until then.`,
    ],
    action: { label: 'Keep my account', page: '/restore', call: 'POST /v1/auth/restore', token },
    closing: ['If it was not you, restore the account and change its password.'],
  };
  return messageOf(to, letter, publicUrl);
}
