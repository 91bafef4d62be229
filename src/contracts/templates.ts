import { z } from 'zod';
import { channel, id, instant } from './common';
import { administrators, everyUser, type Routes } from './route';

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
  category: z.string().nullable(),
  status: templateStatus,
  statusReason: z.string().nullable(),
  header: z.string().nullable(),
  body: z.string(),
  footer: z.string().nullable(),
  buttons: z.array(z.object({ type: z.string(), text: z.string() })),
  parameters: z.array(templateParameter),
  version: z.number().int(),
  updatedAt: instant,
});
export type Template = z.infer<typeof template>;

export const templateRoutes = {
  'GET /api/v1/templates': {
    summary: 'The templates this user may use',
    tag: 'Templates',
    access: everyUser('templates:read'),
    query: z.object({ channel: channel.optional(), status: templateStatus.optional() }),
    response: z.object({ items: z.array(template) }),
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
  'PATCH /api/v1/templates/{templateId}': {
    summary: 'Say which variables fill the parameters of a WhatsApp template; an unknown variable is refused',
    tag: 'Templates',
    access: administrators('templates:write'),
    params: z.object({ templateId: id }),
    body: z.object({
      parameters: z.array(
        z.object({
          key: z.string(),
          place: z.enum(['header', 'body', 'button']),
          expression: z.string().max(200),
        }),
      ),
    }),
    response: template,
    status: 200,
  },
  'POST /api/v1/templates/{templateId}/preview': {
    summary: 'The real text for one person, and which parameters have no value yet',
    tag: 'Templates',
    access: everyUser('templates:read'),
    params: z.object({ templateId: id }),
    body: z.object({
      personId: id,
      applicationId: id.optional(),
      parameters: z
        .record(z.string(), z.string().max(1024))
        .optional()
        .describe('Values by the keys of its parameters, as for sending.'),
    }),
    response: z.object({
      header: z.string().nullable(),
      body: z.string(),
      footer: z.string().nullable(),
      buttons: z.array(z.object({ type: z.string(), text: z.string() })),
      values: z.record(z.string(), z.string()),
      missing: z.array(z.string()),
    }),
    status: 200,
  },
} as const satisfies Routes;
