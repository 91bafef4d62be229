import { TriangleAlert } from 'lucide-react';
import { paths } from '../paths';
import { useRoute } from '../queries';
import { TextLink } from '../ui';
import { emailSettingsText as words } from './text';

/** R-BOX-4: beside the mails that came stands that no more come; why, in the settings. */
export function MailboxFault() {
  const { data } = useRoute('GET /api/v1/me/mailbox', {}, { refetchInterval: 60_000 });
  return (
    <div role="status" className="empty:absolute">
      {data?.state === 'failing' && (
        <p className="flex items-center gap-2 rounded-lg bg-danger-soft px-3 py-2 text-[0.9rem] text-danger">
          <TriangleAlert aria-hidden className="size-4 shrink-0" />
          <span>
            {words.notFetched} <TextLink href={paths.account()}>{words.seeWhy}</TextLink>
          </span>
        </p>
      )}
    </div>
  );
}
