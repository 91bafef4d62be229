import type { Template } from '../../../../contracts/templates';
import { readableName } from '../../conversation/use-templates';
import { useAction, useRoute } from '../../queries';
import { Button, Dialog, ErrorState, FormError, Skeleton, toast } from '../../ui';
import { templatesText } from './templates-text';
import { settingsText } from './text';

const words = templatesText.remove;

/** Asks once more; says which automatic actions send it, and does not delete it then. */
export function DeleteTemplateDialog({
  template,
  onClose,
  onDeleted,
}: {
  template: Template;
  onClose: () => void;
  onDeleted: () => void;
}) {
  const uses = useRoute(
    'GET /api/v1/templates/{templateId}/uses',
    { params: { templateId: template.id } },
    { staleTime: 0 },
  );
  const remove = useAction('DELETE /api/v1/templates/{templateId}', {
    refresh: ['GET /api/v1/templates', 'GET /api/v1/templates/folders'],
    onSuccess: () => {
      toast({ tone: 'ok', title: words.done });
      onDeleted();
    },
  });
  const used = uses.data ? uses.data.items.length + uses.data.others : 0;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="sm"
      title={words.title(readableName(template.name))}
      footer={
        <>
          <Button onClick={onClose}>{settingsText.cancel}</Button>
          <Button
            variant="danger"
            busy={remove.isPending}
            disabled={!uses.data || used > 0}
            onClick={() => remove.mutate({ params: { templateId: template.id } })}
          >
            {words.action}
          </Button>
        </>
      }
    >
      {uses.isPending && <Skeleton className="h-16 rounded-lg" />}
      {uses.error && <ErrorState error={uses.error} onRetry={() => void uses.refetch()} />}
      {uses.data && used === 0 && (
        <p>
          {words.text} {template.channel === 'whatsapp' && template.status !== 'draft' && words.atWhatsApp}
        </p>
      )}
      {uses.data && used > 0 && (
        <>
          <p>{words.used}</p>
          <ul className="mt-1 list-disc pl-5">
            {uses.data.items.map(({ vacancy, stage }) => (
              <li key={stage.id}>
                {vacancy.title} → {stage.name}
              </li>
            ))}
            {uses.data.others > 0 && <li>{words.others(uses.data.others)}</li>}
          </ul>
        </>
      )}
      <div className="mt-3">
        <FormError error={remove.error} />
      </div>
    </Dialog>
  );
}
