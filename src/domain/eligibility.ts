import type { Channel } from '../contracts/common';
import type { ReasonCode } from '../contracts/reasons';

/** What a message can be sent over. */
export type SendChannel = Exclude<Channel, 'page'>;

/** How long a text each takes, with the values in it; a WhatsApp template's by its own measure. */
export const longestTexts = { sms: 1600, whatsapp: 4096, whatsappTemplate: 1024, email: Infinity } as const;

/** Everything that decides whether one message may go to one person over one channel now; gathered by `data/send-facts`. */
export type SendFacts = {
  channel: SendChannel;
  inPlan: boolean;
  account: { state: 'connected' | 'paused' | 'disconnected' } | null;
  /** The number it would go to (WhatsApp, SMS). */
  phone: {
    valid: boolean;
    phoneType: 'mobile' | 'landline' | 'voip' | 'unknown';
    whatsapp: 'unknown' | 'present' | 'absent';
  } | null;
  /** The address it would go to (e-mail). */
  email: { bounced: boolean } | null;
  /** R-CONF-3: what its author writes by e-mail is confidential, and colleagues see what is sent from a conversation. */
  confidential: boolean;
  /** The newest consent to WhatsApp; null: never asked. */
  consent: boolean | null;
  optedOut: Channel[];
  marketingDeclined: boolean;
  /** WhatsApp's 24 hours. */
  windowOpen: boolean;
  balance: number;
};

export type SendIntent = {
  /**
   * On WhatsApp free text and files need the open window, a template its approval; the other channels take any text.
   * `complete`: every variable has a value. `fits`: the channel takes a text of this length. `titled`: an e-mail has its title.
   */
  content:
    | { type: 'free'; complete?: boolean; fits?: boolean; titled?: boolean }
    | { type: 'template'; approved: boolean; category: string | null; complete: boolean; fits?: boolean };
  credits: number;
};

/**
 * R-ELIG: the reasons against a send, the most fundamental first; empty: it may go. A paused channel is no reason: its messages stay
 * queued (R-AUTO-6).
 */
export function reasonsAgainst(facts: SendFacts, intent: SendIntent): ReasonCode[] {
  const reasons: ReasonCode[] = [];
  // before all others: what they suppress is kept where colleagues read it
  if (facts.confidential) reasons.push('confidential_mail');
  if (!facts.inPlan) reasons.push('not_in_plan');
  if (!facts.account) reasons.push('channel_not_configured');
  else if (facts.account.state === 'disconnected') reasons.push('channel_disconnected');
  reasons.push(...addressReasons(facts));
  if (facts.optedOut.includes(facts.channel)) reasons.push('opted_out');
  if (facts.channel === 'whatsapp') reasons.push(...whatsAppReasons(facts, intent.content));
  if (intent.content.complete === false) reasons.push('variable_missing');
  if (intent.content.fits === false) reasons.push('text_too_long');
  if (intent.content.type === 'free' && intent.content.titled === false) reasons.push('title_missing');
  if (
    facts.marketingDeclined &&
    intent.content.type === 'template' &&
    intent.content.category?.toUpperCase() === 'MARKETING'
  )
    reasons.push('marketing_declined');
  if (facts.balance < intent.credits) reasons.push('no_credits');
  return reasons;
}

function addressReasons({ channel, phone, email, windowOpen }: SendFacts): ReasonCode[] {
  if (channel === 'email') return !email ? ['email_missing'] : email.bounced ? ['email_bounced'] : [];
  if (!phone) return ['phone_missing'];
  if (!phone.valid) return ['phone_invalid'];
  if (channel === 'sms') return phone.phoneType === 'mobile' ? [] : ['phone_not_mobile'];
  // The person has just written to us on WhatsApp: the number works there, whatever its type.
  if (windowOpen) return [];
  if (phone.whatsapp === 'absent') return ['not_on_whatsapp'];
  return phone.phoneType !== 'mobile' && phone.whatsapp !== 'present' ? ['phone_not_mobile'] : [];
}

/** Inside the open window the person has just written to us on WhatsApp: that answers the question of consent, unless it was refused. */
function whatsAppReasons({ consent, windowOpen }: SendFacts, content: SendIntent['content']): ReasonCode[] {
  const reasons: ReasonCode[] = [];
  if (consent === false || (consent === null && !windowOpen)) reasons.push('no_consent');
  if (content.type === 'free' && !windowOpen) reasons.push('window_closed');
  if (content.type === 'template' && !content.approved) reasons.push('template_not_approved');
  return reasons;
}
