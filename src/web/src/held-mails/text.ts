/** Mails that came to a conversation from somebody it was not given to. */
export const heldMailsText = {
  title: 'Held mail',
  intro:
    'These mails came to a conversation from an address that is not known there. Accept puts one into the conversation as what the person says; Discard puts it away.',
  waiting: (count: number) =>
    count === 1 ? '1 mail waits to be looked at' : `${count} mails wait to be looked at`,
  look: 'Look at it',
  lookAll: 'Look at them',
  none: 'No mail waits',
  noneHint:
    'What comes to a conversation from an unknown address stands here until somebody has looked at it.',
  noSubject: '(no subject)',
  conversation: (name: string) => `In the conversation with ${name}`,
  files: (count: number) => (count === 1 ? '1 file is attached.' : `${count} files are attached.`),
  addAddress: (address: string) => `Add ${address} to the file`,
  ofColleague:
    'It is from a colleague, so it cannot be accepted. Who wants to say it writes it in the conversation.',
  accept: 'Accept',
  accepted: 'The mail stands in the conversation',
  acceptedPrivately: 'The mail is confidential: it is in your mailbox',
  discard: 'Discard',
  discarded: 'The mail was put away',
  undo: 'Undo',
};
