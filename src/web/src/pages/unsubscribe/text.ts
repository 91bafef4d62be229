/** The words of the page that the unsubscribe link of an e-mail leads to. */
export const unsubscribeText = {
  title: 'Unsubscribe',
  ask: (company: string) => `Do you want no more e-mails from ${company}?`,
  address: (address: string) => `They go to ${address}.`,
  what: 'Then e-mails about your applications stop as well. You can subscribe again on this page.',
  submit: 'Unsubscribe',
  doneTitle: 'You are unsubscribed',
  done: (company: string, address: string | null) =>
    `${company} sends no more e-mails to ${address ?? 'this address'}.`,
  changed: 'Changed your mind?',
  again: 'Subscribe again',
  goneTitle: 'This link does not work',
  gone: 'Copy the whole address from the e-mail, or answer the e-mail and say that you want no more.',
} as const;
