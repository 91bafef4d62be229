import type { Words } from './words';

/** Dutch. */
export const nl: Words = {
  'help.text':
    '{company}: wij schrijven je over vacatures en sollicitaties. Antwoord STOP om geen berichten meer te krijgen, START om ze weer te krijgen.',
  'help.contact': 'Vragen: {contact}',

  'mail.why': 'Je ontvangt deze e-mail omdat je contact hebt met {company}.',
  'mail.seeMessage': 'Bericht bekijken',
  'mail.howToAnswer': 'Je kunt deze e-mail beantwoorden, of op je pagina antwoorden en bestanden sturen.',
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

  'newLinks.subject': 'Je berichten van {company}',
  'newLinks.text':
    'Je hebt om nieuwe links gevraagd. Hier kun je de berichten van {company} lezen en beantwoorden:',
  'newLinks.general': 'Berichten',
  'newLinks.notYou': 'Heb je er niet om gevraagd, dan hoef je niets te doen.',
  'page.title': 'Berichten van {company}',
  'page.you': 'Jij',
  'page.viaEmail': 'E-mail',
  'page.viaPage': 'Deze pagina',
  'page.today': 'Vandaag',
  'page.yesterday': 'Gisteren',
  'page.older': 'Eerdere berichten tonen',
  'page.none': 'Er zijn nog geen berichten.',
  'page.message': 'Je bericht',
  'page.send': 'Versturen',
  'page.attach': 'Bestanden toevoegen',
  'page.drop': 'Zet bestanden hier neer om ze toe te voegen',
  'page.files': 'Toegevoegde bestanden',
  'page.file': 'Bestand',
  'page.uploading': 'Wordt geüpload…',
  'page.again': '{file} opnieuw uploaden',
  'page.remove': '{file} verwijderen',
  'page.rejected': 'Deze sollicitatie is afgelopen, dus je kunt hier niet meer schrijven.',
  'page.turnTo': 'Heb je een vraag, schrijf dan naar {contact}.',
  'page.failed':
    'Dat is niet gelukt. Controleer je verbinding en probeer het opnieuw: wat je hebt geschreven staat hier nog.',
  'page.tooMuch': 'Dat was veel tegelijk. Wacht een paar minuten en probeer het opnieuw.',
  'page.notUploaded': 'Het is niet geüpload. Probeer het opnieuw of verwijder het.',
  'page.tooMany': 'Bij een bericht passen 10 bestanden. Stuur de andere met het volgende.',
  'page.withFaults':
    'Niet elk bestand kan worden verstuurd. Verwijder de rood gemarkeerde of probeer het opnieuw.',
  'page.emptyFile': 'Het bestand is leeg.',
  'page.tooLarge': 'Het bestand is groter dan 20 MB. Stuur een kleiner bestand.',
  'page.wrongFile':
    'Dit soort bestand kan hier niet worden verstuurd. Stuur een afbeelding, een PDF, een Office-bestand, platte tekst, een opname of een video.',
  'page.goneTitle': 'Deze link werkt niet meer',
  'page.gone':
    'Heb je een nieuwere e-mail van het bedrijf, open dan de link daarin. Of laat je een nieuwe sturen.',
  'page.broken':
    'Een deel van het adres ontbreekt. Open de link in de nieuwste e-mail die je van het bedrijf hebt.',
  'page.email': 'Je e-mailadres',
  'page.emailWrong': 'Vul je hele e-mailadres in.',
  'page.ask': 'Stuur me een nieuwe link',
  'page.askedTitle': 'Kijk in je mailbox',
  'page.asked': 'Als het bedrijf dit adres kent, is een e-mail met een nieuwe link onderweg.',
};
