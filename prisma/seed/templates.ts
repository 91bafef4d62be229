import { company } from './company';

/** A template as it stands at WhatsApp, and which variables fill its parameters in Parley. */
export type DemoTemplate = {
  name: string;
  language: string;
  category: 'UTILITY' | 'MARKETING';
  status: 'APPROVED' | 'PENDING' | 'REJECTED';
  rejectedReason?: string;
  header?: string;
  body: string;
  footer?: string;
  quickReplies?: string[];
  link?: { text: string; url: string };
  /** For `{{1}}`, `{{2}}`, … of the body. */
  expressions: string[];
  /** WhatsApp wants to see an example of each. */
  examples: string[];
};

const firstName = '{{candidate.firstName|there}}';

export const templates: DemoTemplate[] = [
  {
    name: 'interview_invitation',
    language: 'en',
    category: 'UTILITY',
    status: 'APPROVED',
    body: 'Hello {{1}}, thank you for applying for {{2}}. We would like to get to know you in an interview. May we call you to find a time? Kind regards, {{3}}',
    footer: company.name,
    quickReplies: ['Yes, please call', 'Another time', 'Not interested'],
    expressions: [firstName, '{{vacancy.title}}', '{{company.name}}'],
    examples: ['Maria', 'Warehouse operative', company.name],
  },
  {
    name: 'checking_in',
    language: 'en',
    category: 'UTILITY',
    status: 'APPROVED',
    body: 'Hi {{1}}, this is {{2}} from {{3}}. Do you have a moment to talk about your application?',
    expressions: [firstName, '{{recruiter.firstName|the team}}', '{{company.name}}'],
    examples: ['Maria', 'Ruth', company.name],
  },
  {
    name: 'checking_in',
    language: 'es',
    category: 'UTILITY',
    status: 'APPROVED',
    body: 'Hola {{1}}, soy {{2}} de {{3}}. ¿Tienes un momento para hablar sobre tu candidatura?',
    expressions: [
      '{{candidate.firstName|¿qué tal?}}',
      '{{recruiter.firstName|el equipo}}',
      '{{company.name}}',
    ],
    examples: ['María', 'Inês', company.name],
  },
  {
    name: 'checking_in',
    language: 'pt_BR',
    category: 'UTILITY',
    status: 'APPROVED',
    body: 'Olá {{1}}, aqui é {{2}}, da {{3}}. Você tem um minutinho para falar sobre a sua candidatura?',
    expressions: [
      '{{candidate.firstName|tudo bem?}}',
      '{{recruiter.firstName|a equipe}}',
      '{{company.name}}',
    ],
    examples: ['Maria', 'Inês', company.name],
  },
  {
    name: 'documents_needed',
    language: 'en',
    category: 'UTILITY',
    status: 'APPROVED',
    header: 'Your papers',
    body: 'Hello {{1}}, for the next step we still need a copy of your diploma and your registration. You can simply send photos here, or use the page below.',
    footer: company.name,
    link: { text: 'Open the page', url: `https://${company.domain}/papers` },
    expressions: [firstName],
    examples: ['Maria'],
  },
  {
    name: 'not_this_time',
    language: 'en',
    category: 'UTILITY',
    status: 'APPROVED',
    body: 'Dear {{1}}, thank you for your interest in {{2}}. We have decided to go on with other candidates, and would be glad to hear from you again.',
    expressions: [firstName, '{{vacancy.title|our vacancy}}'],
    examples: ['Maria', 'Registered nurse'],
  },
  {
    name: 'new_jobs_near_you',
    language: 'en',
    category: 'MARKETING',
    status: 'APPROVED',
    body: 'Hi {{1}}, we have new jobs near you this month. Shall we tell you more?',
    footer: 'Answer STOP to hear no more from us',
    quickReplies: ['Yes', 'STOP'],
    expressions: [firstName],
    examples: ['Maria'],
  },
  {
    name: 'contract_ready',
    language: 'en',
    category: 'UTILITY',
    status: 'PENDING',
    body: 'Good news, {{1}}: your contract for {{2}} is ready to be signed.',
    expressions: [firstName, '{{vacancy.title}}'],
    examples: ['Maria', 'Registered nurse'],
  },
  {
    name: 'win_a_tablet',
    language: 'en',
    category: 'UTILITY',
    status: 'REJECTED',
    rejectedReason: 'PROMOTIONAL',
    body: 'Hi {{1}}, bring a friend along and win a tablet!',
    expressions: [firstName],
    examples: ['Maria'],
  },
];

/** As WhatsApp keeps them. */
export function componentsOf(template: DemoTemplate): object[] {
  const { header, body, footer, quickReplies, link, examples } = template;
  const buttons = [
    ...(quickReplies ?? []).map((text) => ({ type: 'QUICK_REPLY', text })),
    ...(link ? [{ type: 'URL', ...link }] : []),
  ];
  return [
    ...(header ? [{ type: 'HEADER', format: 'TEXT', text: header }] : []),
    { type: 'BODY', text: body, example: { body_text: [examples] } },
    ...(footer ? [{ type: 'FOOTER', text: footer }] : []),
    ...(buttons.length > 0 ? [{ type: 'BUTTONS', buttons }] : []),
  ];
}

export const parametersOf = (template: DemoTemplate): { key: string; place: 'body'; expression: string }[] =>
  template.expressions.map((expression, index) => ({ key: `body.${index + 1}`, place: 'body', expression }));

/** What goes by e-mail: longer, with a title, and nobody has to approve it. */
export const emailTemplates: { name: string; title: string; body: string }[] = [
  {
    name: 'Invitation to an interview',
    title: 'Your interview for {{vacancy.title|your application}}',
    body: `Dear {{candidate.firstName|candidate}},

Thank you for applying for {{vacancy.title|a job}} at {{company.name}}. We would like to meet you.

Which of the coming days suit you?

Kind regards,
{{recruiter.fullName|The team}}
{{company.name}}`,
  },
  {
    name: 'Documents needed',
    title: 'Which documents we still need from you',
    body: `Dear {{candidate.firstName|candidate}},

Before you can start we need a copy of your identity card and your bank account number. You can send both on your page, where only we see them:
{{candidatePage.link}}

Kind regards,
{{recruiter.fullName|The team}}
{{company.name}}`,
  },
  {
    name: 'Not this time',
    title: 'Your application for {{vacancy.title|a job}}',
    body: `Dear {{candidate.firstName|candidate}},

Thank you for the time that you took for {{vacancy.title|your application}}. We have chosen somebody else this time.

Other jobs will come, and we would be glad to hear from you again.

Kind regards,
{{recruiter.fullName|The team}}
{{company.name}}`,
  },
];
