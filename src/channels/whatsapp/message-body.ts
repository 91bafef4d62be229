import type { OutboundContent, OutboundWhatsApp, TemplateParameter, TemplateSend } from './types';

/** The JSON of `POST /{phone_number_id}/messages`. */
export function messageBody(message: OutboundWhatsApp): object {
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: message.to,
    biz_opaque_callback_data: message.clientReference,
    ...(message.replyToProviderId !== undefined && { context: { message_id: message.replyToProviderId } }),
    ...contentBody(message.content),
  };
}

function contentBody(content: OutboundContent): object {
  switch (content.type) {
    case 'text':
      return { type: 'text', text: { body: content.body, preview_url: /https?:\/\//i.test(content.body) } };
    case 'template':
      return { type: 'template', template: templateBody(content.template) };
    case 'media':
      return {
        type: content.media,
        [content.media]: {
          id: content.mediaId,
          // sound and stickers take no caption, and a caption given all the same is refused
          ...(content.caption && takesCaption(content.media) && { caption: content.caption }),
          ...(content.filename && content.media === 'document' && { filename: content.filename }),
        },
      };
    case 'reaction':
      return { type: 'reaction', reaction: { message_id: content.targetProviderId, emoji: content.emoji } };
  }
}

function takesCaption(media: string): boolean {
  return media === 'image' || media === 'video' || media === 'document';
}

function templateBody(template: TemplateSend): object {
  const components = [
    ...(template.header?.length ? [{ type: 'header', parameters: template.header.map(textParameter) }] : []),
    ...(template.body?.length ? [{ type: 'body', parameters: template.body.map(textParameter) }] : []),
    ...(template.buttons ?? []).map((button) => ({
      type: 'button',
      sub_type: button.subType,
      index: String(button.index),
      parameters: [
        button.subType === 'url'
          ? { type: 'text', text: button.parameter }
          : { type: 'payload', payload: button.parameter },
      ],
    })),
  ];
  return {
    name: template.name,
    language: { code: template.language },
    ...(components.length > 0 && { components }),
  };
}

function textParameter({ name, text }: TemplateParameter): object {
  return { type: 'text', ...(name !== undefined && { parameter_name: name }), text };
}
