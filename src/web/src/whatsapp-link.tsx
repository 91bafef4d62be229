import type { ReactNode } from 'react';
import type { ContactPoint } from '../../contracts/people';
import { whatsAppLinks } from '../../domain/phone-links';
import { ChannelIcon } from './ui';

type Number = Pick<ContactPoint, 'kind' | 'key' | 'valid' | 'phoneType' | 'whatsapp'>;

/** R-SEND-4: a mobile number, or one that is known to be on WhatsApp whatever its type. */
export function leadsToWhatsApp({ kind, valid, phoneType, whatsapp }: Number): boolean {
  return kind === 'phone' && valid && (phoneType === 'mobile' || whatsapp === 'present');
}

/** R-SEND-4: the user's own WhatsApp, with the logo where the number is known to be on it. */
export function WhatsAppLink({ point, tip, children }: { point: Number; tip?: string; children: ReactNode }) {
  const { web, phone } = whatsAppLinks(point.key);
  return (
    <a
      href={onPhone() ? phone : web}
      target="_blank"
      rel="noreferrer"
      title={tip}
      className="inline-flex items-center gap-1.5 rounded-sm break-all text-accent-text underline underline-offset-3"
    >
      {point.whatsapp === 'present' && <ChannelIcon channel="whatsapp" className="size-4 shrink-0" />}
      {children}
    </a>
  );
}

function onPhone(): boolean {
  return /Android|iPhone|iPod|Mobile/i.test(navigator.userAgent);
}
