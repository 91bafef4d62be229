import { z } from 'zod';
import { channel, id, instant, name, page, pageQuery, userSummary } from './common';
import { administrators, everyUser, senders, type Routes } from './route';

const templateStatus = z.enum(['draft', 'pending', 'approved', 'rejected', 'paused', 'disabled']);

const templateParameter = z.object({
  key: z.string().describe('Its place, and its number or name there: `body.1`, `header.name`, `button.0`.'),
  place: z.enum(['header', 'body', 'button']),
  /** The variable that fills it, e.g. `{{candidate.firstName|there}}`; empty: to be typed. */
  expression: z.string(),
});

export const template = z.object({
  id,
  channel,
  name: z.string(),
  language: z.string(),
  folder: z.string().nullable(),
  personal: z.boolean().describe('Only its user sees it.'),
  category: z.string().nullable(),
  status: templateStatus.describe('Of WhatsApp’s review; what is not for WhatsApp is `approved`.'),
  statusReason: z.string().nullable(),
  title: z.string().nullable(),
  header: z.string().nullable(),
  body: z
    .string()
    .describe(
      'As it was written. `{{1}}` is left where no variable fills it: whoever sends it types the value.',
    ),
  footer: z.string().nullable(),
  buttons: z.array(z.object({ type: z.string(), text: z.string(), url: z.string().optional() })),
  parameters: z.array(templateParameter),
  channelAccountId: id.nullable(),
  carrier: z.boolean().describe('R-SEND-3: carries composed text outside the service window.'),
  createdBy: userSummary.nullable(),
  can: z.object({
    edit: z.boolean(),
    /** False where it has parts that Parley does not write, or WhatsApp is reviewing it. */
    editText: z.boolean(),
    carry: z.boolean(),
  }),
  version: z.number().int(),
  updatedAt: instant,
});
export type Template = z.infer<typeof template>;

const language = z
  .string()
  .trim()
  .regex(/^[a-z]{2,3}(_[A-Z][A-Za-z]{1,3})?$/, 'a language code such as en or pt_BR');
const folder = z.string().trim().min(1).max(100);
const button = z.discriminatedUnion('type', [
  z.object({ type: z.literal('QUICK_REPLY'), text: z.string().trim().min(1).max(25) }),
  z.object({
    type: z.literal('URL'),
    text: z.string().trim().min(1).max(25),
    url: z.string().trim().min(1).max(2000),
  }),
]);
const writtenName = z.string().trim().min(1).max(512);
const parts = {
  title: z.string().trim().min(1).max(300).nullable(),
  header: z.string().trim().min(1).max(500).nullable(),
  body: z.string().trim().min(1).max(20_000),
  footer: z.string().trim().min(1).max(200).nullable(),
  buttons: z.array(button).max(20),
};
const writtenChannel = z.enum(['whatsapp', 'sms', 'email']);
const category = z.enum(['UTILITY', 'MARKETING']);

const target = {
  personId: id,
  applicationId: id.optional(),
  parameters: z
    .record(z.string(), z.string().max(1024))
    .optional()
    .describe('Values by the keys of its parameters, as for sending.'),
};
const preview = z.object({
  title: z.string().nullable(),
  header: z.string().nullable(),
  body: z.string(),
  footer: z.string().nullable(),
  buttons: z.array(z.object({ type: z.string(), text: z.string() })),
  values: z.record(z.string(), z.string()),
  missing: z
    .array(z.string())
    .describe('WhatsApp: keys of parameters; else names of variables. They have neither value nor fallback.'),
});

export const templateRoutes = {
  'GET /api/v1/templates': {
    summary: 'The templates this user may use: shared ones and their own',
    tag: 'Templates',
    access: everyUser('templates:read'),
    query: z.object({
      ...pageQuery,
      limit: z.coerce.number().int().min(1).max(200).default(50),
      channel: channel.optional(),
      status: templateStatus.optional(),
      language: z.string().max(20).optional(),
      folder: z.string().max(100).optional().describe('Empty: those in no folder.'),
      q: z.string().trim().max(200).optional().describe('Words in name, title or text.'),
    }),
    response: page(template),
    status: 200,
  },
  'GET /api/v1/templates/folders': {
    summary: 'The folders of the templates this user may use',
    tag: 'Templates',
    access: everyUser('templates:read'),
    query: z.object({ channel: channel.optional() }),
    response: z.object({
      items: z.array(
        z.object({
          folder: z.string(),
          count: z.number().int(),
          movable: z.number().int().describe('How many of them this user may change.'),
        }),
      ),
    }),
    status: 200,
  },
  'POST /api/v1/templates/folders/move': {
    summary: 'Rename a folder, or empty it into another, or into none',
    description:
      'A folder is where its templates say they are: it is there as long as one is in it. Moved are those that this user may change, of every channel.',
    tag: 'Templates',
    access: senders('templates:write'),
    body: z.object({ from: z.string().min(1).max(100), to: folder.nullable() }),
    response: z.object({
      moved: z.number().int(),
      left: z.number().int().describe('Those that only their creators and Administrators may change.'),
    }),
    status: 200,
  },
  'POST /api/v1/templates': {
    summary: 'Write a template; one for WhatsApp is submitted for approval',
    description:
      'Variables such as `{{candidate.firstName|there}}` stand in its texts; an unknown one is refused (R-SEND-5). What WhatsApp does not take is kept as a `draft` with its reason; saving it again submits it again.',
    tag: 'Templates',
    access: senders('templates:write'),
    body: z.object({
      channel: writtenChannel,
      name: writtenName,
      language,
      folder: folder.nullable().default(null),
      personal: z.boolean().default(false),
      title: parts.title.default(null),
      header: parts.header.default(null),
      body: parts.body,
      footer: parts.footer.default(null),
      buttons: parts.buttons.default([]),
      category: category.optional().describe('WhatsApp; without it UTILITY.'),
      channelAccountId: id
        .optional()
        .describe('WhatsApp: the number whose account gets it; without it the one connected first.'),
    }),
    response: template,
    status: 201,
    idempotent: true,
  },
  'POST /api/v1/templates/preview': {
    summary: 'The real text of an unsaved template for one person, and what has no value yet',
    tag: 'Templates',
    access: everyUser('templates:read'),
    body: z.object({
      channel: writtenChannel,
      title: z.string().max(300).nullable().default(null),
      header: z.string().max(500).nullable().default(null),
      body: z.string().max(20_000),
      footer: z.string().max(200).nullable().default(null),
      buttons: z
        .array(
          z.object({
            type: z.enum(['QUICK_REPLY', 'URL']),
            text: z.string().max(25),
            url: z.string().max(2000).default(''),
          }),
        )
        .max(20)
        .default([]),
      ...target,
    }),
    response: preview,
    status: 200,
  },
  'PUT /api/v1/templates/carrier': {
    summary:
      'Choose the carrier: an approved WhatsApp template with one parameter, in its text, for composed words outside the service window',
    tag: 'Templates',
    access: administrators('templates:write'),
    body: z.object({ templateId: id.nullable() }),
    response: z.object({ templateId: id.nullable() }),
    status: 200,
  },
  'GET /api/v1/templates/{templateId}': {
    summary: 'One template',
    tag: 'Templates',
    access: everyUser('templates:read'),
    params: z.object({ templateId: id }),
    response: template,
    status: 200,
  },
  'GET /api/v1/templates/{templateId}/versions': {
    summary: 'What it was each time it was saved, the newest first',
    tag: 'Templates',
    access: everyUser('templates:read'),
    params: z.object({ templateId: id }),
    query: z.object(pageQuery),
    response: page(
      z.object({
        version: z.number().int(),
        title: z.string().nullable(),
        header: z.string().nullable(),
        body: z.string(),
        footer: z.string().nullable(),
        buttons: z.array(z.object({ type: z.string(), text: z.string(), url: z.string().optional() })),
        createdAt: instant,
      }),
    ),
    status: 200,
  },
  'GET /api/v1/templates/{templateId}/uses': {
    summary: 'The automatic actions that send it; while there are any it cannot be removed',
    tag: 'Templates',
    access: everyUser('templates:read'),
    params: z.object({ templateId: id }),
    response: z.object({
      items: z.array(z.object({ vacancy: z.object({ id, title: name }), stage: z.object({ id, name }) })),
      /** On vacancies that this user does not see. */
      others: z.number().int(),
    }),
    status: 200,
  },
  'PATCH /api/v1/templates/{templateId}': {
    summary:
      'Change a template, or say which variables fill its parameters; a changed WhatsApp text goes to review again',
    tag: 'Templates',
    access: senders('templates:write'),
    params: z.object({ templateId: id }),
    body: z
      .object({
        name: writtenName,
        language,
        folder: folder.nullable(),
        personal: z.boolean(),
        ...parts,
        category,
        parameters: z.array(
          z.object({
            key: z.string(),
            place: z.enum(['header', 'body', 'button']),
            expression: z.string().max(200),
          }),
        ),
        version: z
          .number()
          .int()
          .describe('The version that was read: refused when somebody changed it meanwhile.'),
      })
      .partial(),
    response: template,
    status: 200,
  },
  'DELETE /api/v1/templates/{templateId}': {
    summary: 'Remove a template, at WhatsApp too; refused while an automatic action sends it',
    tag: 'Templates',
    access: senders('templates:write'),
    params: z.object({ templateId: id }),
    response: null,
    status: 204,
  },
  'POST /api/v1/templates/{templateId}/preview': {
    summary: 'The real text for one person, and which parameters have no value yet',
    tag: 'Templates',
    access: everyUser('templates:read'),
    params: z.object({ templateId: id }),
    body: z.object({
      ...target,
      inConversation: z
        .boolean()
        .default(false)
        .describe(
          'As a message of their conversation, where one that names no application goes on with that which was spoken of last, else with the only open one.',
        ),
    }),
    response: preview,
    status: 200,
  },
} as const satisfies Routes;
