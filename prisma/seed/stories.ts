import type { ReasonCode } from '../../src/contracts/reasons';
import type { DemoApplication, DemoConsent, DemoPerson } from './people';
import { addressOf } from './people';

/** What became of a message: read by default. */
export type Outcome = {
  until?: 'sent' | 'delivered' | 'read';
  readAfterMinutes?: number;
  failed?: { code: number; reason: ReasonCode; detail: string };
};

/** One thing that happens; `daysAgo` counts in lengths of the configured day. */
export type Beat = { daysAgo: number } & (
  | { type: 'in'; text: string }
  | { type: 'press'; text: string }
  | { type: 'fileIn'; file: string; caption?: string }
  | { type: 'location'; name: string; latitude: number; longitude: number }
  | { type: 'react'; emoji: string }
  | { type: 'out'; by: string; text: string; outcome?: Outcome }
  | { type: 'template'; by: string; name: string; language: string; outcome?: Outcome }
  | { type: 'close'; by: string }
  | { type: 'handOver'; by: string; to: string }
  | { type: 'note'; by: string; text: string; for?: string[] }
  | ({ type: 'mail' } & DemoMail)
);

/** An e-mail: from the conversation and the answer to it, or, `in`, one of a user's own mailbox. */
export type DemoMail = {
  /** The user who wrote it; none: the person. */
  by?: string;
  in?: string;
  subject: string;
  text: string;
  file?: string;
  /** The mail before it. */
  answers?: boolean;
};

export type Story = { person: DemoPerson & { toReview?: boolean }; beats: Beat[] };

const hours = (count: number): number => count / 24;
const minutes = (count: number): number => count / 1440;

const hears = (daysAgo: number, text: string): Beat => ({ type: 'in', daysAgo, text });
const presses = (daysAgo: number, text: string): Beat => ({ type: 'press', daysAgo, text });
const writes = (daysAgo: number, by: string, text: string, outcome?: Outcome): Beat => ({
  type: 'out',
  daysAgo,
  by,
  text,
  outcome,
});
const template = (daysAgo: number, by: string, name: string, language = 'en', outcome?: Outcome): Beat => ({
  type: 'template',
  daysAgo,
  by,
  name,
  language,
  outcome,
});
const closes = (daysAgo: number, by: string): Beat => ({ type: 'close', daysAgo, by });
const notes = (daysAgo: number, by: string, text: string, readers: string[] = []): Beat => ({
  type: 'note',
  daysAgo,
  by,
  text,
  for: readers,
});

const mails = (daysAgo: number, mail: DemoMail): Beat => ({ type: 'mail', daysAgo, ...mail });

/** Applied, and came into the later stages at these times. */
const on = (vacancy: string, ...daysAgo: number[]): DemoApplication => ({
  vacancy,
  entered: daysAgo.map((ago, stage) => ({ stage, daysAgo: ago })),
});

function person(
  name: [first: string, last: string],
  place: [language: string, timeZone: string],
  phone: string | null,
  responsible: string | null,
  more: {
    consent?: DemoConsent;
    application?: DemoApplication;
    tags?: string[];
    custom?: Record<string, string>;
    email?: null;
    toReview?: boolean;
    addedDaysAgo?: number;
  } = {},
): Story['person'] {
  const { application = null, consent = 'form', addedDaysAgo, email, ...rest } = more;
  return {
    firstName: name[0],
    lastName: name[1],
    language: place[0],
    timeZone: place[1],
    phone,
    secondPhone: null,
    email: email === null ? null : addressOf(...name),
    responsible,
    tags: [],
    custom: {},
    consent,
    onWhatsApp: true,
    addedDaysAgo: addedDaysAgo ?? (application ? application.entered[0]!.daysAgo + 0.01 : 9),
    application,
    ...rest,
  };
}

const nl: [string, string] = ['nl', 'Europe/Amsterdam'];
const br: [string, string] = ['pt', 'America/Sao_Paulo'];
const pt: [string, string] = ['pt', 'Europe/Lisbon'];
const es: [string, string] = ['es', 'Europe/Madrid'];
const pl: [string, string] = ['pl', 'Europe/Warsaw'];
const uk: [string, string] = ['en', 'Europe/London'];
const de: [string, string] = ['de', 'Europe/Berlin'];

const notOnWhatsApp: Outcome = {
  failed: { code: 131026, reason: 'not_on_whatsapp', detail: 'Message undeliverable.' },
};

/** Conversations with a history, in every state a chat can be in. */
export const stories: Story[] = [
  // Active, with several owners
  {
    person: person(['Maria', 'Santos'], br, '+55 31 98765-4321', 'ruth', {
      application: on('warehouse', 8, 6.5, 1.3),
      tags: ['forklift', 'night shifts'],
      custom: { city: 'Rotterdam', availability: 'in two weeks' },
    }),
    beats: [
      presses(1.2, 'Yes, please call'),
      hears(1.19, 'I am free after four in the afternoon, Rotterdam time 😊'),
      writes(
        hours(22),
        'ruth',
        'Hello Maria, that is great. I will ring you today at 16:30. Is this number fine for a call?',
      ),
      hears(hours(21.5), 'Yes, this one. Thank you Ruth!'),
      notes(
        hours(17),
        'ruth',
        'Good call. Two years on a reach truck, can start on the first. @Eva Lindqvist could you see her on Thursday?',
        ['eva'],
      ),
      writes(
        hours(16.5),
        'ruth',
        'It was nice to talk to you. Could you send me a photo of your forklift certificate?',
      ),
      { type: 'fileIn', daysAgo: hours(3.2), file: 'certificate', caption: 'Here it is, valid until 2028' },
      writes(
        hours(2.6),
        'ruth',
        'Perfect, thank you. Eva will meet you on Thursday at 10:00 at the Waalhaven site.',
        { until: 'delivered' },
      ),
    ],
  },
  {
    person: person(['Diego', 'Herrera'], es, '+34 612 345 901', 'ines', {
      application: on('support', 9, 7, 2.2),
      custom: { city: 'Amsterdam' },
    }),
    beats: [
      presses(2.1, 'Yes, please call'),
      writes(hours(30), 'ines', 'Hola Diego, soy Inês. ¿Te viene bien mañana a las once?'),
      hears(hours(29), 'Sí, perfecto. ¿Será por teléfono o por vídeo?'),
      writes(hours(28.5), 'ines', 'Por vídeo. Te mando el enlace un poco antes.', { readAfterMinutes: 12 }),
      hears(hours(5), 'Muchas gracias por la entrevista, me ha gustado mucho el equipo.'),
      writes(hours(4.5), 'ines', 'A nosotros también nos ha gustado. Mañana te digo algo.'),
      { type: 'react', daysAgo: hours(4.3), emoji: '👍' },
    ],
  },
  {
    person: person(['Lieke', 'Verhoeven'], nl, '06 1200 4410', 'tom', {
      application: on('nurse', 7, 5, 1.4),
      tags: ['part-time'],
    }),
    beats: [
      presses(1.3, 'Yes, please call'),
      writes(hours(23), 'tom', 'Hoi Lieke, fijn! Kan ik je vanmiddag rond drie uur bellen?'),
      hears(hours(22.4), 'Ja hoor, ik heb tot half drie dienst, dus dat past precies.'),
      { type: 'handOver', daysAgo: hours(22), by: 'tom', to: 'ruth' },
      notes(
        hours(21.9),
        'tom',
        'I am at the clinic this afternoon, @Ruth Okafor please take this call over.',
        ['ruth'],
      ),
      writes(
        hours(19),
        'ruth',
        'Dag Lieke, met Ruth, collega van Tom. Bedankt voor het gesprek, ik zet de uitnodiging voor dinsdag klaar.',
      ),
    ],
  },
  // Active, about to expire: minutes are left of its day
  {
    person: person(['Kofi', 'Asante'], uk, '+44 7400 125501', 'tom', {
      application: on('warehouse', 10, 8, 4),
      tags: ['driving licence'],
    }),
    beats: [
      presses(3.8, 'Another time'),
      hears(3.79, 'I am travelling this week, can we speak later?'),
      writes(3.1, 'tom', 'Of course, Kofi. When are you back?'),
      hears(1.2, 'Hi Tom, back home now.'),
      writes(1 - minutes(8), 'tom', 'Welcome back! Does tomorrow morning suit you for the interview?'),
    ],
  },
  // Active and unanswered
  {
    person: person(['Aleksandra', 'Wójcik'], pl, '+48 512 340 112', 'ruth', {
      application: on('warehouse', 6, 4, 0.9),
      tags: ['weekend'],
    }),
    beats: [
      presses(0.85, 'Yes, please call'),
      writes(0.6, 'ruth', 'Hello Aleksandra, I tried to reach you just now. When may I call again?'),
      hears(hours(1.4), 'Sorry, I was at work! After six is good.'),
      hears(hours(1.3), 'And is there a bus from Schiedam to the warehouse?'),
    ],
  },
  // Open and unanswered: what waits in My Chats
  {
    person: person(['João', 'Pereira'], br, '+55 11 98765-2210', 'ines', {
      application: on('support', 12, 9, 0.8),
      custom: { city: 'Rotterdam', availability: 'next month' },
    }),
    beats: [
      presses(hours(6), 'Yes, please call'),
      hears(hours(5.9), 'Pode ser amanhã de manhã? Estou no horário de Brasília.'),
    ],
  },
  {
    person: person(['Fatima', 'El Idrissi'], nl, '06 1200 4421', 'ruth', {
      application: on('warehouse', 5, 3, 0.5),
    }),
    beats: [
      presses(hours(9), 'Another time'),
      hears(hours(8.9), 'Next week is better for me, Tuesday or Wednesday'),
    ],
  },
  {
    person: person(['Grace', 'Mbeki'], uk, '+44 7400 125522', 'tom', {
      application: on('nurse', 11, 8, 0.7),
      tags: ['references'],
    }),
    beats: [
      presses(hours(2.2), 'Yes, please call'),
      {
        type: 'fileIn',
        daysAgo: hours(2.1),
        file: 'cv',
        caption: 'My CV, with the registration number on page 1',
      },
    ],
  },
  {
    person: person(['Rodrigo', 'Lima'], br, '+55 81 98765-3399', 'marco', {
      application: on('support', 4, 2),
    }),
    beats: [
      template(hours(20), 'marco', 'checking_in', 'pt_BR'),
      hears(hours(19), 'Oi! Tenho sim, pode falar.'),
      writes(hours(18.8), 'marco', 'Ótimo. Você já trabalhou com atendimento por chat?'),
      closes(hours(18), 'marco'),
      hears(minutes(40), 'Já sim, três anos. Posso mandar as referências.'),
    ],
  },
  {
    person: person(['Ingrid', 'Solheim'], ['en', 'Europe/Stockholm'], '+46 70 174 06 05', 'anna', {
      application: on('nurse', 6, 3),
    }),
    beats: [
      template(1.2, 'anna', 'documents_needed'),
      mails(2.1, {
        in: 'anna',
        subject: 'Registration as a nurse',
        text: 'Dear Anna,\n\nit was nice to meet you at the fair in Malmö. Do I have to be registered in the Netherlands before I apply?\n\nIngrid Solheim',
      }),
      mails(2, {
        by: 'anna',
        in: 'anna',
        subject: 'Re: Registration as a nurse',
        answers: true,
        text: 'Dear Ingrid,\n\nno, we start the registration together once the ward has said yes. It takes about eight weeks.\n\nAnna de Vries\nBrightwater Recruitment',
      }),
      mails(hours(4.5), {
        in: 'anna',
        subject: 'Re: Registration as a nurse',
        answers: true,
        file: 'cv',
        text: 'Dear Anna,\n\nhere is my CV in English. The diploma follows today.\n\nIngrid',
      }),
      hears(hours(3.5), 'Hello Anna, my Swedish diploma is 40 pages. Do you need all of it?'),
    ],
  },
  // Open, answered, running out
  {
    person: person(['Carmen', 'Delgado'], es, '+34 612 345 922', 'ines', {
      application: on('support', 14, 10, 3),
    }),
    beats: [
      presses(2.9, 'Yes, please call'),
      writes(2.5, 'ines', 'Hola Carmen, ¿te puedo llamar hoy a las cinco?'),
      hears(2.4, 'Claro, hablamos luego.'),
      closes(hours(11), 'ines'),
    ],
  },
  {
    person: person(['Stijn', 'Brouwer'], nl, '06 1200 4432', 'ruth', {
      application: on('warehouse', 9, 6, 1.9),
    }),
    beats: [
      presses(1.8, 'Yes, please call'),
      writes(
        1.3,
        'ruth',
        'Hoi Stijn, we zijn rond: je kunt maandag een dag meelopen. Neem je je werkschoenen mee?',
      ),
      hears(1.25, 'Top, tot maandag! 👷'),
      writes(1.24, 'ruth', 'Tot maandag!'),
    ],
  },
  {
    person: person(['Ngozi', 'Okonkwo'], uk, '+44 7400 125533', 'tom', { application: on('nurse', 8, 6, 2) }),
    beats: [
      presses(1.7, 'Yes, please call'),
      writes(
        1.2,
        'tom',
        'Hello Ngozi, your interview with the ward is on Friday at 13:00, Lange Nieuwstraat 2 in Utrecht.',
      ),
      { type: 'react', daysAgo: 1.1, emoji: '🙏' },
      closes(hours(9), 'tom'),
      notes(
        hours(8.8),
        'tom',
        'Asked about housing. @Marco Silva do we still have the rooms near the hospital?',
        ['marco'],
      ),
    ],
  },
  // Closed
  {
    person: person(['Tobias', 'Schäfer'], de, '+49 1511 2345602', 'tom', {
      application: on('warehouse', 16, 13, 9),
    }),
    beats: [
      presses(8.9, 'Yes, please call'),
      writes(8.5, 'tom', 'Hallo Tobias, wann passt es Ihnen diese Woche?'),
      hears(8.4, 'Mittwoch ab 14 Uhr.'),
      writes(8.3, 'tom', 'Mittwoch, 14:15 Uhr. Ich rufe Sie an.'),
      { type: 'react', daysAgo: 8.2, emoji: '👍' },
    ],
  },
  {
    person: person(['Beatriz', 'Antunes'], pt, '+351 912 345 703', 'ines', {
      application: on('support', 20, 16, 10, 7),
    }),
    beats: [
      presses(9.8, 'Yes, please call'),
      writes(
        9.2,
        'ines',
        'Olá Beatriz, gostei muito da nossa conversa. O próximo passo é um pequeno teste de espanhol.',
      ),
      hears(9.1, 'Obrigada! Quando é o teste?'),
      writes(9, 'ines', 'Recebe o convite por e-mail ainda hoje.'),
      hears(6.2, 'Já fiz o teste, correu bem 🙂'),
      writes(6, 'ines', 'Muito bem! Falo consigo até sexta-feira.'),
    ],
  },
  {
    person: person(['Hendrik', 'Postma'], nl, '06 1200 4443', 'marco', {
      application: on('warehouse', 18, 15),
    }),
    beats: [
      template(5, 'marco', 'checking_in'),
      hears(4.6, 'Ik heb inmiddels ander werk gevonden, bedankt.'),
      writes(4.5, 'marco', 'Fijn voor je, Hendrik. Veel succes!'),
      closes(4.4, 'marco'),
    ],
  },
  {
    person: person(['Amina', 'Yusuf'], nl, '06 1200 4454', 'ruth', {
      application: on('warehouse', 21, 17, 11.5, 6),
    }),
    beats: [
      presses(11.2, 'Yes, please call'),
      writes(10.9, 'ruth', 'Hello Amina, your trial shift is on Saturday from 7 to 15.'),
      { type: 'location', daysAgo: 10.8, name: 'Metro Zuidplein', latitude: 51.8866, longitude: 4.4893 },
      hears(10.79, 'Can I come by metro to here and walk?'),
      writes(10.7, 'ruth', 'Better take bus 69 from there, it stops at the gate.'),
    ],
  },
  {
    person: person(['Paweł', 'Mazur'], pl, '+48 512 340 145', 'tom', {
      application: { ...on('warehouse', 19, 15), rejectedDaysAgo: 3 },
    }),
    beats: [template(3, 'tom', 'not_this_time'), hears(2.9, 'Thank you for letting me know.')],
  },
  // Unassigned: nobody is responsible
  {
    person: person(['Leila', 'Haddad'], nl, '06 1200 4465', null, { application: on('support', 5) }),
    beats: [
      hears(
        hours(10),
        'Good morning, is the vacancy for customer support still open? I speak Spanish and Arabic.',
      ),
    ],
  },
  {
    person: person(['Marlon', ''], ['en', 'Europe/Amsterdam'], '+31 6 1200 4476', null, {
      consent: 'none',
      email: null,
      toReview: true,
      addedDaysAgo: hours(4),
    }),
    beats: [hears(hours(4), 'Hi, my friend Stijn works with you. Do you have something for a truck driver?')],
  },
  {
    person: person(['Yara', 'Costa'], br, '+55 21 98765-5566', null, { application: on('nurse', 13, 10) }),
    beats: [hears(1.6, 'Bom dia! Preciso validar o meu diploma na Holanda?')],
  },
  // Failed
  {
    person: person(['Owen', 'Clarke'], uk, '+44 7400 125544', 'ruth', {
      application: on('warehouse', 12, 9),
    }),
    beats: [template(hours(26), 'ruth', 'checking_in', 'en', notOnWhatsApp)],
  },
  {
    person: person(['Silvia', 'Marín'], es, '+34 612 345 933', 'ines', { application: on('support', 10, 7) }),
    beats: [
      template(hours(7), 'ines', 'new_jobs_near_you', 'en', {
        failed: {
          code: 131049,
          reason: 'provider_limit',
          detail: 'This message was not delivered to maintain healthy ecosystem engagement.',
        },
      }),
      notes(hours(6.8), 'ines', 'WhatsApp holds marketing back. I will ring her instead.'),
    ],
  },
  // Suppressed by the automatic action: no consent, a landline, no number at all, opted out, consent withdrawn
  {
    person: person(['Bas', 'Willems'], nl, '06 1200 4487', 'ruth', {
      consent: 'none',
      application: on('warehouse', 9, 5, 1.1),
    }),
    beats: [
      notes(1, 'ruth', 'No consent on file. I will ask him by e-mail.'),
      mails(0.98, {
        by: 'ruth',
        subject: 'Your interview at the warehouse',
        text: 'Hoi Bas,\n\nwe willen je graag uitnodigen voor een gesprek. Mogen we je daarvoor ook op WhatsApp schrijven, en wanneer kun je?\n\nRuth Okafor',
      }),
      mails(hours(3), {
        subject: 'Re: Your interview at the warehouse',
        answers: true,
        text: 'Hoi Ruth,\n\nleuk! WhatsApp liever niet, mail is prima. Donderdag of vrijdag kan ik de hele dag.\n\nBas',
      }),
    ],
  },
  {
    person: person(['Helga', 'Neumann'], de, '+49 30 120 0177', 'tom', {
      application: on('nurse', 9, 6, 2.4),
    }),
    beats: [],
  },
  {
    person: person(['Ana', 'Rocha'], pt, null, 'ines', { application: on('support', 8, 5, 1.7) }),
    beats: [
      mails(1.5, {
        by: 'ines',
        subject: 'A sua entrevista',
        text: 'Olá Ana,\n\nnão tenho o seu número de telemóvel, por isso escrevo por e-mail. Pode enviar-me o seu CV e dizer-me quando podemos falar?\n\nInês Carvalho',
      }),
      mails(1.2, {
        subject: 'Re: A sua entrevista',
        answers: true,
        file: 'cv',
        text: 'Olá Inês,\n\nsegue o meu CV. Amanhã depois das dez estou livre.\n\nAna',
      }),
      mails(1.1, {
        by: 'ines',
        subject: 'Re: A sua entrevista',
        answers: true,
        text: 'Obrigada, Ana. Fica combinado para amanhã às 10:30, por vídeo. O convite segue à parte.',
      }),
    ],
  },
  {
    person: person(['Murat', 'Aydın'], de, '+49 1511 2345613', 'tom', {
      application: on('warehouse', 15, 11, 0.4),
    }),
    beats: [template(4, 'tom', 'new_jobs_near_you'), hears(3.9, 'STOP')],
  },
  {
    person: person(['Joana', 'Vieira'], pt, '+351 912 345 714', 'marco', {
      consent: 'withdrawn',
      application: on('support', 11, 8, 1.5),
    }),
    beats: [],
  },
  // Ready to be moved to the interview: the tour begins with him
  {
    person: person(['Daniel', 'Osei'], nl, '06 1200 4401', 'ruth', {
      application: on('warehouse', 2, 0.05),
      tags: ['own car', 'forklift'],
      custom: { city: 'Schiedam', availability: 'at once' },
    }),
    beats: [],
  },
  // The automatic message alone: read, delivered, only sent
  {
    person: person(['Sam', 'Peeters'], nl, '06 1200 4498', 'ruth', {
      application: on('warehouse', 6, 3, 0.3),
    }),
    beats: [],
  },
  {
    person: person(['Nina', 'Kaur'], uk, '+44 7400 125555', 'tom', { application: on('nurse', 7, 4, 0.2) }),
    beats: [],
  },
];

/** What was said with the contact persons at the employers, by their phone number. */
export const contactStories: Record<string, Beat[]> = {
  '+31 6 1200 0101': [
    template(1.9, 'ruth', 'checking_in'),
    hears(1.8, 'Hi Ruth, yes. We need two more people for the night shift from the first.'),
    writes(
      1.7,
      'ruth',
      'Good to hear, Pieter. I have three candidates for you, I will send you their profiles today.',
    ),
    hears(hours(7), 'Got them, thanks. Maria and Stijn look good, please plan a trial shift.'),
  ],
  '+351 912 000 103': [template(3.3, 'ines', 'checking_in', 'en', { until: 'delivered' })],
};
