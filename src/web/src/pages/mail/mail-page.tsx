import { MailOpen } from 'lucide-react';
import { useCallback } from 'react';
import { useLocation, useParams } from 'wouter';
import type { MailFolder, NewDraft } from '../../../../contracts/mails';
import { paths } from '../../paths';
import { useAction, useRoute } from '../../queries';
import { cx, EmptyState, ErrorState, LoadingRows, toastError, usePageTitle } from '../../ui';
import { MailComposer } from './mail-composer';
import { MailList } from './mail-list';
import { MailView } from './mail-view';
import { mailPageText as words } from './text';

const isFolder = (name: string | undefined): name is MailFolder =>
  name !== undefined && name in words.folders;

/** R-BOX-7: the user's own mailbox. List and mail side by side; one at a time on a phone. */
export function MailPage() {
  usePageTitle(words.title);
  const params = useParams<{ folder?: string; mailId?: string }>();
  const folder = isFolder(params.folder) ? params.folder : 'inbox';
  const { mailId } = params;
  const [, navigate] = useLocation();
  const back = useCallback(() => navigate(paths.mail(folder)), [navigate, folder]);
  const begin = useAction('POST /api/v1/mails', {
    refresh: ['GET /api/v1/mails', 'GET /api/v1/mails/counts'],
    onSuccess: ({ id }) => navigate(paths.mail(folder, id)),
    onError: toastError,
  });
  const compose = (body: NewDraft) => begin.mutate({ body });

  return (
    <div className="flex h-full min-h-0">
      <div
        className={cx('min-h-0 w-full shrink-0 border-line lg:w-96 lg:border-r', mailId && 'max-lg:hidden')}
      >
        <MailList
          key={folder}
          folder={folder}
          openId={mailId ?? null}
          composing={begin.isPending}
          onCompose={() => compose({})}
        />
      </div>
      <div className={cx('min-h-0 min-w-0 flex-1', !mailId && 'max-lg:hidden')}>
        {mailId ? (
          <OpenMail key={mailId} folder={folder} mailId={mailId} onBack={back} onCompose={compose} />
        ) : (
          <div className="flex h-full items-center bg-sunken">
            <EmptyState icon={<MailOpen className="size-6" />} title={words.choose}>
              {words.chooseHint}
            </EmptyState>
          </div>
        )}
      </div>
    </div>
  );
}

function OpenMail({
  folder,
  mailId,
  onBack,
  onCompose,
}: {
  folder: MailFolder;
  mailId: string;
  onBack: () => void;
  onCompose: (draft: NewDraft) => void;
}) {
  const mail = useRoute('GET /api/v1/mails/{mailId}', { params: { mailId } });
  if (!mail.data)
    return mail.error ? (
      <ErrorState error={mail.error} onRetry={() => void mail.refetch()} />
    ) : (
      <LoadingRows rows={4} />
    );
  return ['draft', 'failed', 'unknown'].includes(mail.data.state) ? (
    <MailComposer draft={mail.data} folder={folder} onBack={onBack} />
  ) : (
    <MailView mail={mail.data} folder={folder} onBack={onBack} onCompose={onCompose} />
  );
}
