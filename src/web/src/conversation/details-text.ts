/** Message details. */
export const detailsText = {
  title: 'Message details',
  provider: 'The provider says',
  sender: 'Sent by',
  template: 'Template',
  cc: 'Cc',
  bcc: 'Bcc',
  received: 'Received',
  accepted: 'Accepted by Parley',
  credits: 'Credits',
  receipts: (count: number) => (count === 1 ? '1 receipt' : `${count} receipts`),
  heardAt: 'heard',
  settle: {
    hint: 'Nobody knows whether this was sent; its credit stays reserved. If you know what became of it, say so here.',
    sent: 'It was sent',
    notSent: 'It was not sent',
  },
  code: 'code',
} as const;
