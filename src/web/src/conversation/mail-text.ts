/** Of messages that came as e-mail; apart from `text.ts`, for a chat without any needs none of it. */
export const mailText = {
  showQuoted: 'Show quoted text',
  hideQuoted: 'Hide quoted text',
  showSignature: 'Show signature',
  hideSignature: 'Hide signature',
  attachments: 'Attachments',
  showOriginal: 'Show original',
  showPictures: 'Show pictures',
  picturesHint: 'Pictures from other servers are not loaded: they tell the sender that you read the mail.',
  frame: (subject: string) => `The e-mail “${subject}” as it was written`,
  download: 'Download original',
  noSubject: '(no subject)',
  from: 'From',
  to: 'To',
  cc: 'Cc',
};
