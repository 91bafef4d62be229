import type { Words } from './words';

/** Dutch. */
export const nl: Words = {
  'help.text':
    '{company}: wij schrijven je over vacatures en sollicitaties. Antwoord STOP om geen berichten meer te krijgen, START om ze weer te krijgen.',
  'help.contact': 'Vragen: {contact}',

  'mail.why': 'Je ontvangt deze e-mail omdat je contact hebt met {company}.',
  'mail.seeMessage': 'Bericht bekijken',
  'mail.howToAnswer': 'U kunt op deze e-mail antwoorden, of op uw pagina antwoorden en bestanden sturen.',
  'mail.unsubscribe': 'Afmelden',

  'unsubscribe.title': 'Afmelden',
  'unsubscribe.ask': 'Wil je geen e-mails meer van {company}?',
  'unsubscribe.address': 'Ze gaan naar {address}.',
  'unsubscribe.what':
    'Dan krijg je ook geen e-mails meer over je sollicitaties. Je kunt je op deze pagina weer aanmelden.',
  'unsubscribe.submit': 'Afmelden',
  'unsubscribe.doneTitle': 'Je bent afgemeld',
  'unsubscribe.done': '{company} stuurt geen e-mails meer naar {address}.',
  'unsubscribe.doneSomewhere': '{company} stuurt geen e-mails meer naar dit adres.',
  'unsubscribe.changed': 'Van gedachten veranderd?',
  'unsubscribe.again': 'Weer aanmelden',
  'unsubscribe.goneTitle': 'Deze link werkt niet',
  'unsubscribe.gone':
    'Kopieer het volledige adres uit de e-mail, of beantwoord de e-mail en schrijf dat je er geen meer wilt.',
};
