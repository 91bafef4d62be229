import type { Words } from './words';

/** Czech. */
export const cs: Words = {
  'help.text':
    '{company}: píšeme vám o nabídkách práce a výběrových řízeních. Zprávy zrušíte odpovědí STOP, obnovíte odpovědí START.',
  'help.contact': 'Dotazy: {contact}',

  'mail.why': 'Tento e-mail dostáváte, protože jste v kontaktu se společností {company}.',
  'mail.seeMessage': 'Zobrazit zprávu',
  'mail.howToAnswer': 'Odpovědět můžete na tento e-mail, nebo na své stránce, kde lze posílat i soubory.',
  'mail.unsubscribe': 'Odhlásit odběr',

  'unsubscribe.title': 'Odhlášení odběru',
  'unsubscribe.ask': 'Nechcete už dostávat e-maily od společnosti {company}?',
  'unsubscribe.address': 'Chodí na adresu {address}.',
  'unsubscribe.what':
    'Přestanou vám chodit i e-maily o vašich výběrových řízeních. Na této stránce se můžete znovu přihlásit.',
  'unsubscribe.submit': 'Odhlásit odběr',
  'unsubscribe.doneTitle': 'Odběr je odhlášen',
  'unsubscribe.done': 'Společnost {company} už na adresu {address} žádné e-maily neposílá.',
  'unsubscribe.doneSomewhere': 'Společnost {company} už na tuto adresu žádné e-maily neposílá.',
  'unsubscribe.changed': 'Rozmysleli jste si to?',
  'unsubscribe.again': 'Znovu přihlásit odběr',
  'unsubscribe.goneTitle': 'Tento odkaz nefunguje',
  'unsubscribe.gone':
    'Zkopírujte z e-mailu celou adresu, nebo na e-mail odpovězte a napište, že další už nechcete.',
};
