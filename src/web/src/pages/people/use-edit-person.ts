import { useAction } from '../../queries';
import { toast } from '../../ui';
import { peopleText } from './text';

/** Changes a person; whatever shows them is read again. */
export function useEditPerson(onSaved?: () => void) {
  return useAction('PATCH /api/v1/people/{personId}', {
    refresh: [
      'GET /api/v1/people/{personId}',
      'GET /api/v1/people',
      'GET /api/v1/people/{personId}/timeline',
      'GET /api/v1/people/{personId}/conversation',
      'GET /api/v1/conversations/{conversationId}',
      'GET /api/v1/conversations',
      'GET /api/v1/conversations/counts',
    ],
    onSuccess: () => {
      toast({ tone: 'ok', title: peopleText.details.saved });
      onSaved?.();
    },
  });
}
