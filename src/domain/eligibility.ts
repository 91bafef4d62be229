import type { Channel } from '../contracts/common';
import type { ReasonCode } from '../contracts/reasons';

/** Everything that decides whether one WhatsApp message may go to one person now; gathered by `data/send-facts`. */
export type SendFacts = {
  inPlan: boolean;
  account: { state: 'connected' | 'paused' | 'disconnected' } | null;
  phone: {
    valid: boolean;
    phoneType: 'mobile' | 'landline' | 'voip' | 'unknown';
    whatsapp: 'unknown' | 'present' | 'absent';
  } | null;
  /** The newest consent to WhatsApp; null: never asked. */
  consent: boolean | null;
  optedOut: Channel[];
  marketingDeclined: boolean;
  windowOpen: boolean;
  balance: number;
};

export type SendIntent = {
  /** Free text and files need the open window; a template needs its approval. */
  content:
    { type: 'free' } | { type: 'template'; approved: boolean; category: string | null; complete: boolean };
  credits: number;
};

/**
 * R-ELIG: the reasons against a send, the most fundamental first; empty: it may go.
 * A paused channel is no reason: its messages stay queued (R-AUTO-6). Inside the open window the person has just written
 * to us on WhatsApp: that answers the questions of consent, of the number's type and of its being on WhatsApp.
 */
export function reasonsAgainst(facts: SendFacts, intent: SendIntent): ReasonCode[] {
  const reasons: ReasonCode[] = [];
  if (!facts.inPlan) reasons.push('not_in_plan');
  if (!facts.account) reasons.push('channel_not_configured');
  else if (facts.account.state === 'disconnected') reasons.push('channel_disconnected');
  if (!facts.phone) reasons.push('phone_missing');
  else if (!facts.phone.valid) reasons.push('phone_invalid');
  else if (!facts.windowOpen) {
    if (facts.phone.whatsapp === 'absent') reasons.push('not_on_whatsapp');
    else if (facts.phone.phoneType !== 'mobile' && facts.phone.whatsapp !== 'present')
      reasons.push('phone_not_mobile');
  }
  if (facts.optedOut.includes('whatsapp')) reasons.push('opted_out');
  if (facts.consent === false || (facts.consent === null && !facts.windowOpen)) reasons.push('no_consent');
  if (intent.content.type === 'free') {
    if (!facts.windowOpen) reasons.push('window_closed');
  } else {
    if (!intent.content.approved) reasons.push('template_not_approved');
    if (!intent.content.complete) reasons.push('variable_missing');
    if (facts.marketingDeclined && intent.content.category?.toUpperCase() === 'MARKETING')
      reasons.push('marketing_declined');
  }
  if (facts.balance < intent.credits) reasons.push('no_credits');
  return reasons;
}
