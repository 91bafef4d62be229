import { z } from 'zod';
import type { Context } from './context';
import { ControlError } from './control-error';
import { webhookError } from './graph-error';
import { storeMedia } from './media';
import type { Content, Message } from './model';
import { digitsOf } from './numbers';

const instant = z.iso.datetime().transform((text) => new Date(text).getTime());

/** A message of the past, as demonstration data tells it. `number` in any way of writing. */
const pastMessage = z.object({
  number: z.string(),
  id: z.string().startsWith('wamid.'),
  direction: z.enum(['received', 'sent']),
  at: instant,
  content: z.looseObject({ type: z.string() }),
  callbackData: z.string().max(512).optional(),
  replyTo: z.string().optional(),
  sentAt: instant.optional(),
  deliveredAt: instant.optional(),
  readAt: instant.optional(),
  failedAt: instant.optional(),
  error: z.object({ code: z.number().int(), detail: z.string().optional() }).optional(),
  category: z.enum(['service', 'marketing', 'utility', 'authentication']).optional(),
  reactionOfPhone: z.string().optional(),
  file: z.object({ base64: z.string(), mimeType: z.string(), filename: z.string().optional() }).optional(),
});

/** What phones and companies said to each other earlier: kept and shown, told to nobody. */
export async function rememberMessages(
  context: Context,
  facts: { phoneNumberId: string; messages: unknown },
): Promise<number> {
  const parsed = z.array(pastMessage).safeParse(facts.messages);
  if (!parsed.success) throw new ControlError(400, z.prettifyError(parsed.error));
  const past = parsed.data.sort((a, b) => a.at - b.at);
  const unknown = past.find(({ number }) => digitsOf(number) === undefined);
  if (unknown) throw new ControlError(400, `${unknown.number} is not an international phone number.`);
  for (const { number, content, error, file, ...rest } of past) {
    const media =
      file &&
      (await storeMedia(context, facts.phoneNumberId, {
        ...file,
        bytes: Buffer.from(file.base64, 'base64'),
      }));
    context.index.addMessage({
      ...rest,
      phoneNumberId: facts.phoneNumberId,
      waId: context.index.ensurePhone(digitsOf(number)!).id,
      input: number,
      content: { ...content, ...(media && { mediaId: media.id }) } as Content,
      ...(error && { error: webhookError(error.code, error.detail) }),
    } satisfies Omit<Message, 'seq'>);
  }
  context.store.flush();
  context.live.emit({ type: 'reset' });
  return past.length;
}
