import { z } from 'zod';

/** R-ELIG: why a message is not sent, or was not. Each has a sentence with its remedy in `reasonText`. */
export const reasonCodes = [
  'no_consent',
  'opted_out',
  'phone_missing',
  'phone_not_mobile',
  'phone_invalid',
  'not_on_whatsapp',
  'email_missing',
  'email_bounced',
  'title_missing',
  'text_too_long',
  'no_credits',
  'not_in_plan',
  'channel_not_configured',
  'channel_disconnected',
  'window_closed',
  'template_not_approved',
  'variable_missing',
  'not_permitted',
  'chat_owned_by_other',
  'confidential_mail',
  'left_stage',
  'rejected',
  'withdrawn',
  // what a provider may say on top of the rules
  'marketing_declined',
  'provider_limit',
  'template_mismatch',
  'media_failed',
  'provider_refused',
  'provider_unavailable',
  // RFC 3464: a mail server on the way still tries
  'email_delayed',
  // who was to get a copy of an e-mail
  'copy_opted_out',
  'copies_refused',
  'unconfirmed',
  'not_sent',
  'cancelled',
  'erased',
  'merged',
  // R-SEND-9
  'already_delivered',
  'replaced_by_fallback',
] as const;

export const reasonCodeSchema = z.enum(reasonCodes);
export type ReasonCode = z.infer<typeof reasonCodeSchema>;

/** One sentence for people, with the remedy. Used by API answers, the timeline and the web alike. */
export const reasonText: Record<ReasonCode, string> = {
  no_consent: 'This person has not consented to WhatsApp. Ask for consent and record it with its evidence.',
  opted_out:
    'This person has opted out. Only they can undo it: by writing START, or for e-mail by the unsubscribe link.',
  phone_missing: 'There is no phone number. Add a mobile number to the file.',
  phone_not_mobile: 'The number is not marked as mobile. Set its type to mobile, or add a mobile number.',
  phone_invalid: 'The number or its prefix is wrong. Correct it in the file.',
  not_on_whatsapp: 'This number is not on WhatsApp. Use another number or another channel.',
  email_missing: 'There is no e-mail address. Add one to the file.',
  email_bounced: 'Mail to this address came back. Correct the address, or save it again if it is right.',
  title_missing: 'An e-mail needs a title. Add one.',
  text_too_long:
    'The text is too long for this channel. Shorten it: SMS takes 1,600 characters, WhatsApp 4,096, within a template 1,024.',
  no_credits: 'There are not enough credits. Request credits from Customer Success.',
  not_in_plan: 'The membership does not include this channel. Request its activation from Customer Success.',
  channel_not_configured:
    'This channel is not connected yet. Settings → Channels says what an Administrator can do.',
  channel_disconnected:
    'This channel is disconnected. An Administrator can reconnect it in Settings → Channels.',
  window_closed:
    'The 24-hour window is closed. Send an approved template; free text is possible again once the person has answered.',
  template_not_approved: 'WhatsApp has not approved this template. Choose an approved one.',
  variable_missing:
    'A variable of this message has no value for this person. Fill it in, or give it a fallback.',
  not_permitted: 'Your role does not allow this.',
  chat_owned_by_other:
    'A colleague owns this chat. Wait until it is closed, or ask for it to be handed over.',
  confidential_mail:
    'Your outgoing e-mail is confidential, and colleagues see what is sent from here. Write it in your mailbox.',
  left_stage: 'The application left the stage before the message was due.',
  rejected: 'The application was rejected.',
  withdrawn: 'The candidate withdrew.',
  marketing_declined:
    'This person does not want marketing messages on WhatsApp. Use a utility template or another channel.',
  provider_limit:
    'The provider limits messages to this person at present. Try again later, or use another channel.',
  template_mismatch:
    'The template has another text by now, or differs from the one WhatsApp has. Look at it, synchronise the templates if need be, and send it again.',
  media_failed: 'The file could not be transferred. Send it again.',
  provider_refused: 'The provider refused the message. See its answer for details.',
  provider_unavailable: 'The provider could not be reached. It is tried again by itself.',
  copy_opted_out: 'Somebody who is to get a copy has opted out of e-mail. Send it without them.',
  copies_refused: 'The person has it, but somebody has not got their copy. Send it to them anew.',
  email_delayed: 'The mail server of this address has not taken it yet. It is tried again by itself.',
  unconfirmed:
    'Nobody could confirm within 72 hours whether this was sent. Send it again if it is still needed.',
  not_sent: 'An Administrator found that this was not sent. Send it again if it is still needed.',
  cancelled: 'The message was cancelled before it was sent.',
  erased: 'The person was erased before it was sent.',
  merged: 'The person was merged into another, who is among the recipients too and gets it once.',
  already_delivered: 'It was not needed: the message was delivered on WhatsApp.',
  replaced_by_fallback: 'WhatsApp had not taken it in time, so it went by the other channel instead.',
};

/** R-CHAT-3: `chat_owned_by_other`, where the owner is known. */
export const ownedText = (owner: string): string =>
  reasonText.chat_owned_by_other.replace('A colleague', owner);

const unattendedTexts: Partial<Record<ReasonCode, string>> = {
  not_permitted: 'Whoever prepared it may not write to this person any more. Somebody who may can send it.',
  confidential_mail:
    'The outgoing e-mail of whoever prepared it is confidential. They can write it in their mailbox, or a colleague can send it.',
};

/** The same where the message was to go by itself: whose role, or mail, it was is not the reader's. */
export const unattendedReasonText = (code: ReasonCode): string => unattendedTexts[code] ?? reasonText[code];
