/** R-SEND-4: where a mobile number leads to WhatsApp. Apart from `phone.ts`, so that the web client needs no number metadata. */
export function whatsAppLinks(e164: string): { web: string; phone: string } {
  const digits = e164.replace(/\D/g, '');
  return { web: `https://web.whatsapp.com/send?phone=${digits}`, phone: `https://wa.me/${digits}` };
}
