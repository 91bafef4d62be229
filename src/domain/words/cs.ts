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

  'newLinks.subject': 'Vaše zprávy od společnosti {company}',
  'newLinks.text':
    'Požádali jste o nové odkazy. Zde si můžete přečíst zprávy od společnosti {company} a odpovědět na ně:',
  'newLinks.general': 'Zprávy',
  'newLinks.notYou': 'Pokud jste o ně nežádali, nemusíte nic dělat.',
  'page.title': 'Zprávy od společnosti {company}',
  'page.you': 'Vy',
  'page.viaEmail': 'E-mail',
  'page.viaPage': 'Tato stránka',
  'page.today': 'Dnes',
  'page.yesterday': 'Včera',
  'page.older': 'Zobrazit starší zprávy',
  'page.none': 'Zatím tu nejsou žádné zprávy.',
  'page.message': 'Vaše zpráva',
  'page.send': 'Odeslat',
  'page.attach': 'Přiložit soubory',
  'page.drop': 'Soubory přiložíte puštěním sem',
  'page.files': 'Přiložené soubory',
  'page.file': 'Soubor',
  'page.uploading': 'Nahrává se…',
  'page.again': 'Nahrát {file} znovu',
  'page.remove': 'Odebrat {file}',
  'page.rejected': 'Toto výběrové řízení pro vás skončilo, proto zde už nelze psát.',
  'page.turnTo': 'S dotazy se obraťte na {contact}.',
  'page.failed': 'Nepodařilo se to. Zkontrolujte připojení a zkuste to znovu: co jste napsali, je stále zde.',
  'page.tooMuch': 'To bylo mnoho najednou. Počkejte několik minut a zkuste to znovu.',
  'page.notUploaded': 'Soubor se nenahrál. Zkuste to znovu, nebo ho odeberte.',
  'page.tooMany': 'Zpráva pojme 10 souborů. Ostatní pošlete s další.',
  'page.withFaults':
    'Ne všechny soubory lze poslat. Zkuste ty červeně označené nahrát znovu, nebo je odeberte.',
  'page.emptyFile': 'Soubor je prázdný.',
  'page.tooLarge': 'Soubor je větší než 20 MB. Pošlete menší.',
  'page.wrongFile':
    'Tento druh souboru zde nelze poslat. Pošlete obrázek, PDF, soubor Office, prostý text, nahrávku nebo video.',
  'page.goneTitle': 'Tento odkaz už nefunguje',
  'page.gone': 'Máte-li od společnosti novější e-mail, otevřete odkaz v něm. Nebo si nechte poslat nový.',
  'page.broken': 'Část adresy chybí. Otevřete odkaz v nejnovějším e-mailu, který od společnosti máte.',
  'page.email': 'Vaše e-mailová adresa',
  'page.emailWrong': 'Napište celou e-mailovou adresu.',
  'page.ask': 'Poslat nový odkaz',
  'page.askedTitle': 'Podívejte se do své schránky',
  'page.asked': 'Pokud společnost tuto adresu zná, e-mail s novým odkazem je na cestě.',
};
