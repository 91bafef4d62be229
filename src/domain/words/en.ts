/** English, of which the others are translations. `{name}` stands for a value. */
export const en = {
  'help.text':
    '{company}: we write to you about jobs and applications. Reply STOP to get no more messages, START to get them again.',
  'help.contact': 'Questions: {contact}',

  'mail.why': 'You get this e-mail because you are in touch with {company}.',
  'mail.seeMessage': 'See message',
  'mail.howToAnswer': 'You can answer this e-mail, or answer and send files on your page.',
  'mail.unsubscribe': 'Unsubscribe',

  'unsubscribe.title': 'Unsubscribe',
  'unsubscribe.ask': 'Do you want no more e-mails from {company}?',
  'unsubscribe.address': 'They go to {address}.',
  'unsubscribe.what':
    'Then e-mails about your applications stop as well. You can subscribe again on this page.',
  'unsubscribe.submit': 'Unsubscribe',
  'unsubscribe.doneTitle': 'You are unsubscribed',
  'unsubscribe.done': '{company} sends no more e-mails to {address}.',
  'unsubscribe.doneSomewhere': '{company} sends no more e-mails to this address.',
  'unsubscribe.changed': 'Changed your mind?',
  'unsubscribe.again': 'Subscribe again',
  'unsubscribe.goneTitle': 'This link does not work',
  'unsubscribe.gone':
    'Copy the whole address from the e-mail, or answer the e-mail and say that you want no more.',
} as const;
