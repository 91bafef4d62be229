import { useQuery } from '@tanstack/react-query';
import { CornerUpLeft, ExternalLink } from 'lucide-react';
import type { Template } from '../../contracts/templates';
import { ApiError, call } from './api';
import { RichText } from './conversation/rich-text';
import { Skeleton } from './ui';

type Content = Pick<Template, 'header' | 'body' | 'footer' | 'buttons'>;

/** A template as it looks on a phone. */
export function TemplateBubble({ content }: { content: Content }) {
  return (
    <div className="max-w-md rounded-xl rounded-tl-sm border border-line bg-bubble-out px-3 py-2">
      {content.header && <p className="font-semibold">{content.header}</p>}
      <RichText text={content.body} />
      {content.footer && <p className="mt-1 text-[0.85rem] text-ink-2">{content.footer}</p>}
      {content.buttons.length > 0 && (
        <ul className="mt-2 border-t border-line-strong/40">
          {content.buttons.map((button) => (
            <li
              key={button.type + button.text}
              className="flex items-center justify-center gap-1.5 border-b border-line-strong/40 py-1.5 text-[0.9rem] font-medium text-accent-text last:border-b-0"
            >
              {button.type === 'QUICK_REPLY' ? (
                <CornerUpLeft aria-hidden className="size-3.5" />
              ) : (
                <ExternalLink aria-hidden className="size-3.5" />
              )}
              {button.text}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The text that one person would get, with what is missing for them. */
export function TemplatePreview({
  template,
  personId,
  applicationId,
  missingText,
}: {
  template: Template;
  personId: string;
  applicationId?: string;
  missingText: (keys: string) => string;
}) {
  const preview = useQuery({
    queryKey: ['template preview', template.id, template.version, personId, applicationId],
    queryFn: ({ signal }) =>
      call(
        'POST /api/v1/templates/{templateId}/preview',
        { params: { templateId: template.id }, body: { personId, applicationId } },
        { signal },
      ),
  });
  if (preview.isPending) return <Skeleton className="h-24 max-w-md rounded-xl" />;
  if (preview.error) {
    return (
      <p role="alert" className="text-[0.9rem] text-danger">
        {preview.error instanceof ApiError ? preview.error.detail : String(preview.error)}
      </p>
    );
  }
  const missing = preview.data.missing
    .map((key) => `{{${key.replace(/^(header|body|button)\./, '')}}}`)
    .join(', ');
  return (
    <>
      <TemplateBubble content={preview.data} />
      {missing && (
        <p role="status" className="mt-1.5 text-[0.87rem] text-warn">
          {missingText(missing)}
        </p>
      )}
    </>
  );
}
