import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ChannelError } from '../channel-error';
import { createGraph, mediaFailed } from './graph';
import { messageBody } from './message-body';
import { projectTemplate, templateJson, templateStatus } from './templates';
import type {
  PhoneNumberInfo,
  RemoteTemplate,
  SubmittedTemplate,
  WhatsAppAccount,
  WhatsAppClient,
} from './types';
import { graphId, graphNumber, optionalText } from './wire';

const adminTimeoutMs = 15_000;
const mediaTimeoutMs = 60_000;
/** A business has at most 6,000 templates; more pages than that mean a cursor running in circles. */
const maxTemplatePages = 100;

/** The Cloud API. One client serves every account; `apiUrl` without a trailing slash. */
export function createWhatsAppClient(options: { apiUrl: string; apiVersion: string }): WhatsAppClient {
  const graph = createGraph(options);

  function postJson(account: WhatsAppAccount, path: string[], json: object) {
    return {
      method: 'POST' as const,
      path,
      body: { contentType: 'application/json', bytes: Buffer.from(JSON.stringify(json)) },
      accessToken: account.accessToken,
    };
  }

  /** Their fields differ from version to version; where Graph does not know one, the number is connected all the same. */
  async function limitsOf(
    account: WhatsAppAccount,
  ): Promise<Pick<PhoneNumberInfo, 'messagesPerSecond' | 'messagingTier'>> {
    const tierField =
      Number(/\d+/.exec(options.apiVersion)?.[0]) >= 24
        ? 'whatsapp_business_manager_messaging_limit'
        : 'messaging_limit_tier';
    try {
      const answer = await graph.call(
        {
          method: 'GET',
          path: [account.phoneNumberId],
          query: { fields: `throughput,${tierField}` },
          accessToken: account.accessToken,
          timeoutMs: adminTimeoutMs,
          repetition: 'repeatable',
        },
        limitsSchema,
      );
      const messagingTier = answer.whatsapp_business_manager_messaging_limit ?? answer.messaging_limit_tier;
      return { messagesPerSecond: throughputs[answer.throughput?.level ?? ''], messagingTier };
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      return { messagesPerSecond: undefined, messagingTier: undefined };
    }
  }

  return {
    async send(account, message, { timeoutMs }) {
      const answer = await graph.call(
        {
          ...postJson(account, [account.phoneNumberId, 'messages'], messageBody(message)),
          timeoutMs,
          repetition: 'once',
        },
        sendAnswerSchema,
      );
      return { providerId: answer.messages[0].id, waId: answer.contacts?.[0]?.wa_id };
    },

    async uploadMedia(account, media) {
      const answer = await graph.call(
        {
          method: 'POST',
          path: [account.phoneNumberId, 'media'],
          body: multipart(media),
          accessToken: account.accessToken,
          timeoutMs: mediaTimeoutMs,
          repetition: 'repeatable',
        },
        z.object({ id: z.string().min(1) }),
      );
      return answer.id;
    },

    async downloadMedia(account, mediaId, { maxBytes }) {
      const { accessToken } = account;
      const file = await graph.call(
        {
          method: 'GET',
          path: [mediaId],
          query: { phone_number_id: account.phoneNumberId },
          accessToken,
          timeoutMs: adminTimeoutMs,
          repetition: 'repeatable',
        },
        mediaSchema,
      );
      if (file.file_size !== undefined && file.file_size > maxBytes)
        throw mediaFailed('The file is larger than allowed');
      const bytes = await graph.fetchBytes({
        url: file.url,
        accessToken,
        timeoutMs: mediaTimeoutMs,
        maxBytes,
      });
      if (file.sha256 !== undefined && !hasSha256(bytes, file.sha256)) {
        // damaged on the way: another download may be whole
        throw new ChannelError({ errorClass: 'transient', reason: 'media_failed' });
      }
      return { bytes, mimeType: file.mime_type };
    },

    async markRead(account, providerMessageId) {
      await graph.call(
        {
          ...postJson(account, [account.phoneNumberId, 'messages'], {
            messaging_product: 'whatsapp',
            status: 'read',
            message_id: providerMessageId,
          }),
          timeoutMs: adminTimeoutMs,
          repetition: 'repeatable',
        },
        successSchema,
      );
    },

    async listTemplates(account) {
      const templates: RemoteTemplate[] = [];
      let after: string | undefined;
      for (let page = 0; page < maxTemplatePages; page++) {
        const answer = await graph.call(
          {
            method: 'GET',
            path: [account.wabaId, 'message_templates'],
            query: {
              fields: 'id,name,language,category,status,rejected_reason,parameter_format,components',
              limit: '100',
              ...(after !== undefined && { after }),
            },
            accessToken: account.accessToken,
            timeoutMs: adminTimeoutMs,
            repetition: 'repeatable',
          },
          templatePageSchema,
        );
        templates.push(...answer.data.map(projectTemplate).filter((template) => template !== undefined));
        const next = answer.paging?.next === undefined ? undefined : answer.paging.cursors?.after;
        if (next === undefined || next === after) return templates;
        after = next;
      }
      return templates;
    },

    async createTemplate(account, { name, language, category, ...content }) {
      const answer = await graph.call(
        {
          ...postJson(account, [account.wabaId, 'message_templates'], {
            name,
            language,
            category,
            components: templateJson(content),
          }),
          timeoutMs: adminTimeoutMs,
          repetition: 'once',
        },
        submittedSchema,
      );
      return submitted(answer);
    },

    async editTemplate(account, templateId, { category, ...content }) {
      const options = { timeoutMs: adminTimeoutMs, repetition: 'repeatable' as const };
      const edit = { ...(category && { category }), components: templateJson(content) };
      await graph.call({ ...postJson(account, [templateId], edit), ...options }, successSchema);
      // the answer does not tell whether it is reviewed or was approved at once
      const answer = await graph.call(
        {
          method: 'GET',
          path: [templateId],
          query: { fields: 'id,status,category,rejected_reason' },
          accessToken: account.accessToken,
          ...options,
        },
        submittedSchema,
      );
      return submitted(answer);
    },

    async removeTemplate(account, { id, name }) {
      await graph.call(
        {
          method: 'DELETE',
          path: [account.wabaId, 'message_templates'],
          query: { hsm_id: id, name },
          accessToken: account.accessToken,
          timeoutMs: adminTimeoutMs,
          repetition: 'repeatable',
        },
        successSchema,
      );
    },

    async phoneNumber(account) {
      const answer = await graph.call(
        {
          method: 'GET',
          path: [account.phoneNumberId],
          query: { fields: 'display_phone_number,verified_name,quality_rating' },
          accessToken: account.accessToken,
          timeoutMs: adminTimeoutMs,
          repetition: 'repeatable',
        },
        phoneNumberSchema,
      );
      return {
        displayPhone: answer.display_phone_number,
        verifiedName: answer.verified_name,
        quality: answer.quality_rating,
        ...(await limitsOf(account)),
      };
    },

    async subscribe(account, { callbackUrl, verifyToken }) {
      const path = [account.wabaId, 'subscribed_apps'];
      const options = { timeoutMs: adminTimeoutMs, repetition: 'repeatable' as const };
      const { accessToken } = account;
      const apps = await graph.call({ method: 'GET', path, accessToken, ...options }, subscribedAppsSchema);
      // Meta takes an address only from an app that is subscribed already; subscribing anew would clear the old one.
      if (apps.data.length === 0) {
        await graph.call({ ...postJson(account, path, {}), ...options }, successSchema);
      }
      const override = { override_callback_uri: callbackUrl, verify_token: verifyToken };
      await graph.call({ ...postJson(account, path, override), ...options }, successSchema);
    },
  };
}

const sendAnswerSchema = z.object({
  contacts: z
    .array(z.object({ wa_id: z.string().optional() }))
    .optional()
    .catch(undefined),
  messages: z.tuple([z.object({ id: z.string().min(1) })]).rest(z.unknown()),
});

const successSchema = z.object({ success: z.literal(true) });

const subscribedAppsSchema = z.object({ data: z.array(z.unknown()) });

const mediaSchema = z.object({
  url: z.string(),
  mime_type: z.string(),
  sha256: z.string().optional(),
  file_size: graphNumber.optional().catch(undefined),
});

const templatePageSchema = z.object({
  data: z.array(z.unknown()),
  paging: z
    .object({ cursors: z.object({ after: z.string().optional() }).optional(), next: z.string().optional() })
    .optional(),
});

const submittedSchema = z.object({
  id: graphId,
  status: z.string(),
  category: optionalText,
  rejected_reason: optionalText,
});

function submitted(answer: z.infer<typeof submittedSchema>): SubmittedTemplate {
  const { id, status, category, rejected_reason: reason } = answer;
  return {
    id,
    status: templateStatus(status) ?? 'PENDING',
    category,
    rejectedReason: reason === 'NONE' ? undefined : reason,
  };
}

/** Messages a second. */
const throughputs: Record<string, number> = { STANDARD: 80, HIGH: 1_000 };

const limitsSchema = z.object({
  throughput: z.object({ level: z.string() }).optional().catch(undefined),
  messaging_limit_tier: optionalText,
  whatsapp_business_manager_messaging_limit: optionalText,
});

const phoneNumberSchema = z.object({
  display_phone_number: z.string(),
  verified_name: z.string().optional(),
  quality_rating: z.string().optional(),
});

/** Graph gives the hash in hex, webhooks in base64. */
function hasSha256(bytes: Buffer, expected: string): boolean {
  const actual = createHash('sha256').update(bytes).digest();
  return expected.toLowerCase() === actual.toString('hex') || expected === actual.toString('base64');
}

function multipart(media: { bytes: Buffer; mimeType: string; filename: string }): {
  contentType: string;
  bytes: Buffer;
} {
  const boundary = `parley-${randomUUID()}`;
  // nothing in a name or type may end its header line
  const filename = media.filename.replace(/[\r\n"\\\u0000]/g, '_');
  const mimeType = media.mimeType.replace(/[\r\n]/g, '');
  const field = (name: string, value: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head =
    field('messaging_product', 'whatsapp') +
    field('type', mimeType) +
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\nContent-Type: ${mimeType}\r\n\r\n`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.concat([Buffer.from(head), media.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}
