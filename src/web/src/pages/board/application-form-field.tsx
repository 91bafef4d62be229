import { useAction, useRoute } from '../../queries';
import { ErrorState, Skeleton, Switch, toastError } from '../../ui';
import { CopyField } from '../settings/copy-field';
import { boardText } from './text';

const words = boardText.applicationForm;

/** R-SEND-8: the public application form, switched on and off at once, with its address to hand out. */
export function ApplicationFormField({ vacancyId }: { vacancyId: string }) {
  const form = useRoute('GET /api/v1/vacancies/{vacancyId}/application-form', { params: { vacancyId } });
  const change = useAction('PUT /api/v1/vacancies/{vacancyId}/application-form', {
    refresh: ['GET /api/v1/vacancies/{vacancyId}/application-form'],
    onError: toastError,
  });
  if (form.error) return <ErrorState error={form.error} onRetry={() => void form.refetch()} />;
  if (!form.data) return <Skeleton className="h-12 rounded-lg" />;
  const { enabled, url } = form.data;
  return (
    <div className="space-y-3 rounded-xl bg-sunken p-3">
      <Switch
        label={words.label}
        hint={words.hint}
        checked={enabled}
        disabled={change.isPending}
        onChange={(next) => change.mutate({ params: { vacancyId }, body: { enabled: next } })}
      />
      {enabled && url && <CopyField label={words.address} value={url} />}
    </div>
  );
}
