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

  'newLinks.subject': 'Your messages from {company}',
  'newLinks.text': 'You asked for new links. Here you can read what {company} has written, and answer:',
  'newLinks.general': 'Messages',
  'newLinks.notYou': 'If it was not you who asked, nothing needs to be done.',
  'page.title': 'Messages from {company}',
  'page.you': 'You',
  'page.viaEmail': 'E-mail',
  'page.viaPage': 'This page',
  'page.today': 'Today',
  'page.yesterday': 'Yesterday',
  'page.older': 'Show earlier messages',
  'page.none': 'There are no messages yet.',
  'page.message': 'Your message',
  'page.send': 'Send',
  'page.attach': 'Attach a file',
  'page.file': 'File',
  'page.uploading': 'Uploading {file}…',
  'page.remove': 'Remove {file}',
  'page.rejected': 'This application has ended, so you cannot write here any more.',
  'page.turnTo': 'If you have a question, write to {contact}.',
  'page.failed': 'That did not work. Check your connection and try again: what you wrote is still here.',
  'page.tooMuch': 'That was a lot at once. Wait a few minutes, then try again.',
  'page.tooLarge': 'The file is larger than 20 MB. Send a smaller one.',
  'page.wrongFile':
    'This kind of file cannot be sent here. Send a picture, a PDF, an Office file, plain text, a recording or a video.',
  'page.goneTitle': 'This link does not work any more',
  'page.gone':
    'If you have a newer e-mail from the company, open the link in it. Or have a new one sent to you.',
  'page.broken':
    'Part of the address is missing. Open the link in the newest e-mail that you have from the company.',
  'page.email': 'Your e-mail address',
  'page.emailWrong': 'Write your whole e-mail address.',
  'page.ask': 'Send me a new link',
  'page.askedTitle': 'Look into your mailbox',
  'page.asked': 'If the company knows this address, an e-mail with a new link is on its way.',
} as const;
